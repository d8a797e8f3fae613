// A value, or the error that stands in its place. Outside conditions are results; broken invariants
// abort.
#pragma once

#include "lifecycle/error.hpp"

#include <utility>
#include <variant>

namespace pawl {

template <class T>
class [[nodiscard]] result {
public:
  result(T value) : content_(std::in_place_index<0>, std::move(value)) {}               // NOLINT
  result(pawl::error failure) : content_(std::in_place_index<1>, std::move(failure)) {} // NOLINT

  bool has_value() const noexcept { return content_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  // Only when has_value(); otherwise the program ends (std::get throws, nobody catches it).
  const T& operator*() const& { return std::get<0>(content_); }
  T& operator*() & { return std::get<0>(content_); }
  T&& operator*() && { return std::get<0>(std::move(content_)); }
  const T* operator->() const { return &std::get<0>(content_); }
  T* operator->() { return &std::get<0>(content_); }

  // Only when not has_value().
  const pawl::error& error() const& { return std::get<1>(content_); }
  pawl::error&& error() && { return std::get<1>(std::move(content_)); }

private:
  std::variant<T, pawl::error> content_;
};

template <>
class [[nodiscard]] result<void> {
public:
  result() = default;
  result(pawl::error failure) : failure_(std::move(failure)) {} // NOLINT

  bool has_value() const noexcept { return !failure_; }
  explicit operator bool() const noexcept { return has_value(); }

  const pawl::error& error() const& { return failure_.value(); }
  pawl::error&& error() && { return std::move(failure_).value(); }

private:
  std::optional<pawl::error> failure_;
};

} // namespace pawl
