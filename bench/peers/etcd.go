// peer_etcd: etcd through its own Go client, every operation one transaction. The same command line and the same
// answer as the other drivers (workload.hpp).
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"
	"syscall"
	"time"

	"go.etcd.io/etcd/clientv3"
)

const (
	recordBytes = 600
	eventBytes  = 200
)

var (
	record = strings.Repeat("r", recordBytes)
	event  = strings.Repeat("e", eventBytes)
)

type session struct {
	client   *clientv3.Client
	lane     string
	revision int64 // of the key that must not have changed: the lane, or the deployment
}

func (s *session) commit(compared string, operations ...clientv3.Op) error {
	answer, err := s.client.Txn(context.Background()).
		If(clientv3.Compare(clientv3.ModRevision(compared), "=", s.revision)).
		Then(operations...).Commit()
	if err != nil {
		return err
	}
	if !answer.Succeeded {
		return fmt.Errorf("%s was changed by another", compared)
	}
	s.revision = answer.Header.Revision
	return nil
}

func (s *session) accept(number int) error {
	id := fmt.Sprintf("%s-%d", s.lane, number)
	return s.commit("lanes/"+s.lane,
		clientv3.OpPut("lanes/"+s.lane, id),
		clientv3.OpPut("deployments/"+id, record),
		clientv3.OpPut(fmt.Sprintf("history/%s/%016d", s.lane, number), id),
		clientv3.OpPut(fmt.Sprintf("unfinished/%s/%016d", s.lane, number), id),
		clientv3.OpPut("requests/"+id, id),
		clientv3.OpPut("events/"+id+"/1", event))
}

func (s *session) transition(number int) error {
	return s.commit("deployments/"+s.lane,
		clientv3.OpPut("deployments/"+s.lane, record),
		clientv3.OpPut(fmt.Sprintf("events/%s/%016d", s.lane, number), event))
}

// One attempt to change what all clients want to change: read it, and write if nobody else has meanwhile.
func (s *session) contend() error {
	found, err := s.client.Get(context.Background(), "wanted")
	if err != nil {
		return err
	}
	_, err = s.client.Txn(context.Background()).
		If(clientv3.Compare(clientv3.ModRevision("wanted"), "=", found.Kvs[0].ModRevision)).
		Then(clientv3.OpPut("wanted", record)).Commit()
	return err
}

func connect(address string, lane string, workload string) (*session, error) {
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{address}, DialTimeout: 5 * time.Second})
	if err != nil {
		return nil, err
	}
	key := "lanes/" + lane
	if workload == "transition" {
		key = "deployments/" + lane
	}
	found, err := client.Get(context.Background(), key)
	if err != nil {
		return nil, err
	}
	if len(found.Kvs) != 1 {
		return nil, fmt.Errorf("%s is not there", key)
	}
	return &session{client, lane, found.Kvs[0].ModRevision}, nil
}

func prepare(address string, clients int) error {
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{address}, DialTimeout: 5 * time.Second})
	if err != nil {
		return err
	}
	defer client.Close()
	if _, err := client.Delete(context.Background(), "", clientv3.WithPrefix()); err != nil {
		return err
	}
	if _, err := client.Put(context.Background(), "wanted", record); err != nil {
		return err
	}
	for i := 0; i < clients; i++ {
		lane := fmt.Sprintf("app-%d", i)
		_, err := client.Txn(context.Background()).Then(
			clientv3.OpPut("lanes/"+lane, ""), clientv3.OpPut("deployments/"+lane, record)).Commit()
		if err != nil {
			return err
		}
	}
	return nil
}

func work(s *session, workload string, end time.Time) ([]float64, error) {
	var latencies []float64
	for number := 1; time.Now().Before(end); number++ {
		begin := time.Now()
		var err error
		switch workload {
		case "accept":
			err = s.accept(number)
		case "contend":
			err = s.contend()
		default:
			err = s.transition(number)
		}
		if err != nil {
			return nil, err
		}
		latencies = append(latencies, float64(time.Since(begin).Nanoseconds())/1000)
	}
	return latencies, nil
}

func cpuSeconds() float64 {
	var used syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return float64(used.Utime.Nano()+used.Stime.Nano()) / 1e9
}

func run(address string, workload string, clients int, ms int) error {
	sessions := make([]*session, clients)
	for i := range sessions {
		var err error
		if sessions[i], err = connect(address, fmt.Sprintf("app-%d", i), workload); err != nil {
			return err
		}
	}
	var group sync.WaitGroup
	var mutex sync.Mutex
	var all []float64
	var problem error
	end := time.Now().Add(time.Duration(ms) * time.Millisecond)
	for _, s := range sessions {
		group.Add(1)
		go func(s *session) {
			defer group.Done()
			latencies, err := work(s, workload, end)
			mutex.Lock()
			defer mutex.Unlock()
			all = append(all, latencies...)
			if err != nil {
				problem = err
			}
		}(s)
	}
	group.Wait()
	if problem != nil {
		return problem
	}
	sort.Float64s(all)
	at := func(share float64) float64 {
		if len(all) == 0 {
			return 0
		}
		return all[int(share*float64(len(all)-1))]
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]interface{}{
		"operations": len(all), "seconds": float64(ms) / 1000, "cpu_seconds": cpuSeconds(),
		"p50_us": at(0.5), "p99_us": at(0.99)})
}

func main() {
	address := flag.String("address", "", "")
	workload := flag.String("workload", "", "")
	clients := flag.Int("clients", 1, "")
	ms := flag.Int("ms", 500, "")
	prepares := flag.Bool("prepare", false, "")
	flag.Int("records", 0, "of the other drivers")
	flag.Parse()
	var err error
	if *prepares {
		err = prepare(*address, *clients)
	} else {
		err = run(*address, *workload, *clients, *ms)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
