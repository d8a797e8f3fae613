# The app of the end-to-end tests: needs nothing but perl-base, starts in some milliseconds, and
# loses no request when it is replaced.
#
#   /          GREETING            /healthz   200, or 503 if UNHEALTHY is set, or after as many
#                                             answers as UNHEALTHY_AFTER says
#   /slow?MS   answers GREETING after so many milliseconds
#   /print?X   prints X as a line      /flood?N   prints N MiB of lines
#   a request with "Upgrade:" becomes a tunnel that echoes
#
# On SIGTERM it accepts no more connections, answers the requests that it has, closes idle
# connections, and exits when the last connection has ended; tunnels are their clients' to close.
use strict;
use warnings;
use IO::Socket::INET;
use IO::Select;
use POSIX ();

$| = 1;
sub now { (POSIX::times())[0] / POSIX::sysconf(POSIX::_SC_CLK_TCK()) }    # perl-base has no finer clock
my $stopping = 0;
$SIG{TERM} = sub { $stopping = now() };
$SIG{PIPE} = 'IGNORE';
my $greeting = ($ENV{GREETING} // 'hello') . "\n";
my $listener = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1', LocalPort => $ENV{PORT}, Listen => 1024, ReuseAddr => 1)
    or die "cannot listen on $ENV{PORT}: $!\n";
print "serving on $ENV{PORT}\n";

my $select = IO::Select->new($listener);
my $checked = 0;
my %clients;    # by descriptor: handle, input, tunnel, due (time of a slow answer), heard

sub end_client {
    my ($c) = @_;
    $select->remove($c->{handle});
    delete $clients{ fileno $c->{handle} };
    close $c->{handle};
    $c->{ended} = 1;
}

sub healthy {
    return !$ENV{UNHEALTHY} && !(defined $ENV{UNHEALTHY_AFTER} && $checked++ >= $ENV{UNHEALTHY_AFTER});
}

sub answer {
    my ($c, $status, $body) = @_;
    my $close = $stopping ? "Connection: close\r\n" : '';
    syswrite $c->{handle}, "HTTP/1.1 $status\r\n${close}Content-Length: " . length($body) . "\r\n\r\n$body";
    end_client($c) if $stopping;
}

sub take_requests {
    my ($c) = @_;
    while (!$c->{due} && !$c->{ended} && $c->{input} =~ s/^(.*?\r\n\r\n)//s) {
        my $head = $1;
        my ($path) = $head =~ m{^GET (\S+) };
        if ($head =~ /\r\nupgrade:/i) {
            # The key is the one that RFC 6455 has as its example; HAProxy looks for the answer.
            syswrite $c->{handle},
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                . "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
            $c->{tunnel} = 1;
            return;
        }
        if    (!defined $path)              { answer($c, '405 Method Not Allowed', '') }
        elsif ($path =~ m{^/slow\?(\d+)$})  { $c->{due} = now() + $1 / 1000 }
        elsif ($path =~ m{^/print\?(.*)$}) { print "$1\n"; answer($c, '200 OK', '') }
        elsif ($path =~ m{^/flood\?(\d+)$}) { print((('x' x 1023) . "\n") x 1024) for 1 .. $1; answer($c, '200 OK', '') }
        elsif ($path eq '/healthz')         { answer($c, healthy() ? '200 OK' : '503 No', "ok\n") }
        elsif ($path eq '/')                { answer($c, '200 OK', $greeting) }
        else                                { answer($c, '404 Not Found', '') }
    }
}

sub read_client {
    my ($c) = @_;
    my $got = sysread $c->{handle}, my $bytes, 16384;
    return end_client($c) unless $got;
    $c->{heard} = now();
    return syswrite $c->{handle}, $bytes if $c->{tunnel};
    $c->{input} .= $bytes;
    take_requests($c);
}

while (!$stopping || %clients) {
    for my $handle ($select->can_read(0.02)) {
        if ($listener && $handle == $listener) {
            my $new = $listener->accept or next;
            $clients{ fileno $new } = { handle => $new, input => '', heard => now() };
            $select->add($new);
        } else {
            my $c = $clients{ fileno $handle } or next;
            read_client($c);
        }
    }
    my @open = values %clients;
    for my $c (@open) {
        if ($c->{due} && $c->{due} <= now()) {
            delete $c->{due};
            answer($c, '200 OK', $greeting);
            take_requests($c) unless $c->{ended};
        } elsif ($stopping && !$c->{due} && !$c->{tunnel} && $c->{heard} + 1 < now()
            && $stopping + 1 < now()) {
            end_client($c);
        }
    }
    # The queue of the listener was accepted by the kernel: its clients count on an answer.
    if ($stopping && $listener && !IO::Select->new($listener)->can_read(0)) {
        $select->remove($listener);
        close $listener;
        $listener = undef;
    }
}
print "stopped\n";
