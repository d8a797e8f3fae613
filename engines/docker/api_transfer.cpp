#include "engines/docker/api_transfer.hpp"

#include "lifecycle/limits.hpp"
#include "posix/files.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <cerrno>

namespace pawl {

namespace {

constexpr std::size_t kept_body_bytes = 16 * limits::mib; // some thousand containers in a list
constexpr std::size_t error_body_bytes = 64 * limits::kib;
constexpr long connect_limit = 5000; // milliseconds; a daemon that accepts does so at once
constexpr int longest_wait = 1000;   // milliseconds

// Once for the process: libcurl 7.84 and later lets any thread do it.
bool libcurl_is_there() {
  static const bool ready = ::curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return ready;
}

} // namespace

struct api_transfer::state {
  struct easy_end {
    void operator()(CURL* one) const { ::curl_easy_cleanup(one); }
  };
  struct list_end {
    void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
  };

  std::filesystem::path socket;
  api_call call;
  api_answer answer = {};
  bool given_up = false;
  bool too_large = false;
  std::unique_ptr<curl_slist, list_end> headers = {};
  std::unique_ptr<CURL, easy_end> handle = {};

  void prepare();
  void prepare_body();
  void add_header(const std::string& line);
  bool take(std::string_view bytes);
  result<api_answer> end(CURLcode code);
  error no_connection();

  template <class Value>
  void set(CURLoption option, Value value) {
    ::curl_easy_setopt(handle.get(), option, value);
  }
};

namespace {

// Its size in `count` says how many bytes there are; taking fewer ends the transfer.
template <class State>
std::size_t take_bytes(char* bytes, std::size_t, std::size_t count, void* target) {
  return static_cast<State*>(target)->take({bytes, count}) ? count : 0;
}

template <class State>
std::size_t give_bytes(char* buffer, std::size_t size, std::size_t count, void* source) {
  auto& state = *static_cast<State*>(source);
  auto given = state.call.upload({buffer, size * count});
  state.given_up = state.given_up || !given;
  return given ? *given : CURL_READFUNC_ABORT;
}

} // namespace

void api_transfer::state::add_header(const std::string& line) {
  if (auto* longer = ::curl_slist_append(headers.get(), line.c_str())) {
    static_cast<void>(headers.release());
    headers.reset(longer);
  }
}

void api_transfer::state::prepare() {
  set(CURLOPT_UNIX_SOCKET_PATH, socket.c_str());
  set(CURLOPT_URL, ("http://docker" + call.target).c_str());
  set(CURLOPT_PROTOCOLS_STR, "http");
  set(CURLOPT_PROXY, "");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_USERAGENT, "pawld");
  set(CURLOPT_CONNECTTIMEOUT_MS, connect_limit);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(call.limit.count()));
  set(CURLOPT_WRITEFUNCTION, take_bytes<state>);
  set(CURLOPT_WRITEDATA, this);
  prepare_body();
  for (const auto& line : call.headers)
    add_header(line);
  set(CURLOPT_HTTPHEADER, headers.get());
}

void api_transfer::state::prepare_body() {
  add_header("Expect:"); // the daemon takes a body without being asked first
  if (call.method == "POST")
    set(CURLOPT_POST, 1L);
  set(CURLOPT_CUSTOMREQUEST, call.method.c_str());
  if (call.upload) {
    add_header("Transfer-Encoding: chunked");
    set(CURLOPT_READFUNCTION, give_bytes<state>);
    set(CURLOPT_READDATA, this);
  } else if (call.method == "POST") {
    add_header("Content-Type: application/json");
    set(CURLOPT_POSTFIELDS, call.body.c_str());
    set(CURLOPT_POSTFIELDSIZE, static_cast<long>(call.body.size()));
  }
}

bool api_transfer::state::take(std::string_view bytes) {
  ::curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  if (answer.success() && call.take) {
    given_up = !call.take(bytes);
    return !given_up;
  }
  if (!answer.success()) {
    answer.body.append(bytes.substr(
        0, error_body_bytes - std::min<std::size_t>(answer.body.size(), error_body_bytes)));
    return true;
  }
  too_large = bytes.size() > kept_body_bytes - answer.body.size();
  if (!too_large)
    answer.body.append(bytes);
  return !too_large;
}

error api_transfer::state::no_connection() {
  long number = 0;
  ::curl_easy_getinfo(handle.get(), CURLINFO_OS_ERRNO, &number);
  if (number == EACCES || number == EPERM)
    return {errc::unavailable,
            fmt::format("the server may not use the Docker daemon's socket {}: add the server's "
                        "user to the socket's group (usually \"docker\"), or run the server as "
                        "root, and start it again",
                        socket.string()),
            {{"reason", "permission"}}};
  return {errc::unavailable,
          fmt::format("no Docker daemon answers at {} ({}): start it (systemctl start docker), or "
                      "set `socket` of the cluster to the socket that it has",
                      socket.string(),
                      number == 0 ? "no connection" : system_reason(static_cast<int>(number))),
          {{"reason", "absent"}}};
}

result<api_answer> api_transfer::state::end(CURLcode code) {
  if (given_up)
    return error{errc::cancelled, "the call to the Docker daemon was given up", {}};
  if (too_large)
    return error{errc::too_large,
                 fmt::format("the Docker daemon at {} answered with more than {} MiB",
                             socket.string(), kept_body_bytes / limits::mib),
                 {}};
  switch (code) {
  case CURLE_OK:
    ::curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &answer.status);
    return std::move(answer);
  case CURLE_COULDNT_CONNECT:
    return no_connection();
  case CURLE_OPERATION_TIMEDOUT:
    return error{errc::timed_out,
                 fmt::format("the Docker daemon at {} did not answer within {} s; see whether it "
                             "hangs (journalctl -u docker)",
                             socket.string(), static_cast<double>(call.limit.count()) / 1000),
                 {}};
  case CURLE_OUT_OF_MEMORY:
  case CURLE_FAILED_INIT:
    return error{errc::resource_exhausted, "no memory is left for a call to the Docker daemon", {}};
  default:
    return error{errc::unavailable,
                 fmt::format("the Docker daemon at {} ended before it had answered ({}); see why "
                             "it did (journalctl -u docker)",
                             socket.string(), ::curl_easy_strerror(code)),
                 {{"reason", "cut"}}};
  }
}

api_transfer::api_transfer(std::filesystem::path socket, api_call call)
    : state_(std::make_unique<state>(state{std::move(socket), std::move(call)})) {
  if (libcurl_is_there())
    state_->handle.reset(::curl_easy_init());
  if (state_->handle)
    state_->prepare();
}

api_transfer::~api_transfer() = default;

struct transfer_set::state {
  struct multi_end {
    void operator()(CURLM* one) const { ::curl_multi_cleanup(one); }
  };

  std::unique_ptr<CURLM, multi_end> handle;
  std::vector<api_transfer*> all = {};
  std::vector<api_transfer*> not_begun = {}; // libcurl did not take them
};

transfer_set::transfer_set() : state_(std::make_unique<state>()) {
  if (libcurl_is_there())
    state_->handle.reset(::curl_multi_init());
}

transfer_set::~transfer_set() {
  while (!state_->all.empty())
    remove(*state_->all.back());
}

void transfer_set::add(api_transfer& which) {
  auto* easy = which.state_->handle.get();
  if (easy == nullptr || !state_->handle ||
      ::curl_multi_add_handle(state_->handle.get(), easy) != CURLM_OK)
    state_->not_begun.push_back(&which);
  else
    state_->all.push_back(&which);
}

void transfer_set::remove(api_transfer& which) {
  std::erase(state_->not_begun, &which);
  if (std::erase(state_->all, &which) > 0)
    ::curl_multi_remove_handle(state_->handle.get(), which.state_->handle.get());
}

std::vector<ended_transfer> transfer_set::step(std::chrono::milliseconds most) {
  std::vector<ended_transfer> ended;
  for (auto* which : std::exchange(state_->not_begun, {}))
    ended.push_back({which, which->state_->end(CURLE_FAILED_INIT)});
  if (!state_->handle)
    return ended;
  int left = 0;
  ::curl_multi_perform(state_->handle.get(), &left);
  while (const auto* message = ::curl_multi_info_read(state_->handle.get(), &left)) {
    if (message->msg != CURLMSG_DONE)
      continue;
    const auto code = message->data.result;
    const auto* easy = message->easy_handle;
    for (auto* which : std::vector{state_->all})
      if (which->state_->handle.get() == easy) {
        remove(*which);
        ended.push_back({which, which->state_->end(code)});
      }
  }
  if (ended.empty())
    ::curl_multi_poll(state_->handle.get(), nullptr, 0,
                      static_cast<int>(std::min<std::int64_t>(most.count(), longest_wait)),
                      nullptr);
  return ended;
}

void transfer_set::wake() {
  if (state_->handle)
    ::curl_multi_wakeup(state_->handle.get());
}

result<api_answer> perform(const std::filesystem::path& socket, api_call call,
                           const std::stop_token& stop) {
  transfer_set set;
  api_transfer transfer{socket, std::move(call)};
  set.add(transfer);
  const std::stop_callback on_stop{stop, [&set] { set.wake(); }};
  while (!stop.stop_requested())
    if (auto ended = set.step(std::chrono::milliseconds{longest_wait}); !ended.empty())
      return std::move(ended.front().end);
  set.remove(transfer);
  return error{errc::cancelled, "the call to the Docker daemon was stopped on request", {}};
}

} // namespace pawl
