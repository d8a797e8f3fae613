// A site of the engines' contract whose sample app prints each line that it receives, and ends when
// that is "exit".
#pragma once

#include "test/engines/engine_contract.hpp"
#include "test/engines/line_sender.hpp"
#include "test/support/eventually.hpp"

#include <boost/test/unit_test.hpp>

namespace pawl::test {

class line_site : public engine_site {
public:
  void end(const std::string& instance) override { send(instance, "exit\n"); }

  void print(const std::string& instance, const std::vector<std::string>& lines) override {
    const auto before = end_of_log(instance);
    std::string text;
    for (const auto& line : lines)
      text += line + "\n";
    send(instance, text);
    BOOST_REQUIRE(eventually([&] { return end_of_log(instance) == before + text.size(); }));
  }

private:
  std::uint64_t end_of_log(const std::string& instance) {
    return engine().logs().read(instance, 0, 1, false).size;
  }

  void send(const std::string& instance, const std::string& text) {
    std::string address;
    const auto all = engine().list();
    BOOST_REQUIRE(all.has_value());
    for (const auto& one : *all)
      if (one.name == instance)
        address = one.address;
    BOOST_REQUIRE(!address.empty());
    BOOST_REQUIRE(eventually([&] { return send_to(address, text); }));
  }
};

} // namespace pawl::test
