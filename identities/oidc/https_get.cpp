#include "identities/oidc/https_get.hpp"

#include "lifecycle/limits.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <memory>

namespace pawl {

namespace {

constexpr long status_ok = 200;

struct easy_cleanup {
  void operator()(CURL* handle) const { ::curl_easy_cleanup(handle); }
};

using easy_handle = std::unique_ptr<CURL, easy_cleanup>;

// Once for the process: libcurl 7.84 and later lets any thread do it.
bool libcurl_is_ready() {
  static const bool ready = ::curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return ready;
}

// Its size in `count` says how many bytes there are; taking fewer ends the transfer.
std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* target) {
  auto& body = *static_cast<std::string*>(target);
  if (count > limits::issuer_document_bytes - body.size())
    return 0;
  body.append(bytes, count);
  return count;
}

template <class Value>
bool set(const easy_handle& handle, CURLoption option, Value value) {
  return ::curl_easy_setopt(handle.get(), option, value) == CURLE_OK;
}

// libcurl's own defaults check the certificate and its name.
bool prepare(const easy_handle& handle, const https_request& asked, std::string& body,
             std::array<char, CURL_ERROR_SIZE>& reason) {
  const bool set_up =
      set(handle, CURLOPT_URL, asked.url.c_str()) && set(handle, CURLOPT_PROTOCOLS_STR, "https") &&
      set(handle, CURLOPT_FOLLOWLOCATION, 0L) &&
      set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2)) &&
      set(handle, CURLOPT_NOSIGNAL, 1L) && set(handle, CURLOPT_QUICK_EXIT, 1L) &&
      set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(asked.timeout.count())) &&
      set(handle, CURLOPT_MAXFILESIZE, static_cast<long>(limits::issuer_document_bytes)) &&
      set(handle, CURLOPT_USERAGENT, "pawld") && set(handle, CURLOPT_WRITEFUNCTION, take_body) &&
      set(handle, CURLOPT_WRITEDATA, &body) && set(handle, CURLOPT_ERRORBUFFER, reason.data());
  if (!set_up || !asked.ca)
    return set_up;
  const char* none = nullptr;
  return set(handle, CURLOPT_CAINFO, asked.ca->c_str()) && set(handle, CURLOPT_CAPATH, none);
}

error no_document(const https_request& asked, std::string_view reason) {
  return {errc::unavailable, fmt::format("{}: {}", asked.url, reason), {}};
}

} // namespace

result<std::string> https_get(const https_request& asked) {
  const easy_handle handle{libcurl_is_ready() ? ::curl_easy_init() : nullptr};
  std::string body;
  std::array<char, CURL_ERROR_SIZE> reason{};
  if (asked.timeout.count() <= 0)
    return no_document(asked, "there is no time left for it");
  if (!handle || !prepare(handle, asked, body, reason))
    return no_document(asked, "libcurl cannot be set up");
  if (const auto done = ::curl_easy_perform(handle.get()); done != CURLE_OK) {
    if (done == CURLE_WRITE_ERROR || done == CURLE_FILESIZE_EXCEEDED)
      return no_document(
          asked, fmt::format("the answer has more than {} bytes", limits::issuer_document_bytes));
    const std::string_view told{reason.data()};
    return no_document(asked, told.empty() ? std::string_view{::curl_easy_strerror(done)} : told);
  }
  long status = 0;
  ::curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != status_ok)
    return no_document(asked, fmt::format("the answer has the status {}, and not 200", status));
  return body;
}

} // namespace pawl
