// Boost.Test, and how it prints our types: BOOST_TEST(a == b) says both values when it fails.
// Anything without an operator<< is printed as far as it can be told: an enumerator by its name,
// optionals, results, pairs, variants and containers by their contents, and
// the rest by the name of its type.
#pragma once

#include "lifecycle/names.hpp"
#include "lifecycle/result.hpp"

#include <boost/core/demangle.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <optional>
#include <ostream>
#include <ranges>
#include <typeinfo>
#include <variant>

namespace pawl::test {

template <class T>
void print(std::ostream& out, const T& value);

namespace printing {

template <class T>
concept has_name = requires(const T& value) {
  to_string(value);
};

template <class T>
concept is_result = requires(const T& value) {
  value.has_value();
  { value.error() } -> std::convertible_to<const pawl::error&>;
};

inline void one(std::ostream& out, const pawl::error& value) {
  out << to_string(value.code) << " (" << value.message << ')';
}

inline void one(std::ostream& out, const lane_key& value) {
  out << value.app << " in " << value.cluster;
}

inline void one(std::ostream& out, std::nullopt_t) {
  out << "nothing";
}

template <class Clock, class Duration>
void one(std::ostream& out, std::chrono::time_point<Clock, Duration> value) {
  out << value.time_since_epoch() << " of its clock";
}

template <class T>
void one(std::ostream& out, const std::optional<T>& value) {
  if (value)
    print(out, *value);
  else
    out << "nothing";
}

template <class A, class B>
void one(std::ostream& out, const std::pair<A, B>& value) {
  out << '(';
  print(out, value.first);
  out << ", ";
  print(out, value.second);
  out << ')';
}

template <class... T>
void one(std::ostream& out, const std::variant<T...>& value) {
  std::visit([&](const auto& alternative) { print(out, alternative); }, value);
}

template <is_result T>
void one(std::ostream& out, const T& value) {
  if (!value.has_value())
    one(out, value.error());
  else if constexpr (requires { *value; })
    print(out, *value);
  else
    out << "success";
}

template <std::ranges::input_range T>
void all_of(std::ostream& out, const T& values) {
  constexpr int most = 50; // of a long one its begin tells enough
  int count = 0;
  out << '{';
  for (const auto& value : values) {
    out << (count == 0 ? "" : ", ");
    if (++count > most) {
      out << "…";
      break;
    }
    print(out, value);
  }
  out << '}';
}

} // namespace printing

template <class T>
void print(std::ostream& out, const T& value) {
  if constexpr (boost::has_left_shift<std::ostream, T>::value)
    out << value;
  else if constexpr (printing::has_name<T>)
    out << to_string(value);
  else if constexpr (std::is_enum_v<T>)
    out << boost::core::demangle(typeid(T).name()) << ' ' << static_cast<long long>(value);
  else if constexpr (requires { printing::one(out, value); })
    printing::one(out, value);
  else if constexpr (std::ranges::input_range<const T>)
    printing::all_of(out, value);
  else
    out << "one " << boost::core::demangle(typeid(T).name());
}

} // namespace pawl::test

namespace boost::test_tools::tt_detail {

template <class T>
requires(!boost::has_left_shift<std::ostream, T>::value) struct print_log_value<T> {
  void operator()(std::ostream& out, const T& value) { pawl::test::print(out, value); }
};

} // namespace boost::test_tools::tt_detail
