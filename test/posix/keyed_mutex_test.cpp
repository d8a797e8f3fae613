#include "posix/keyed_mutex.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>

using namespace pawl;

BOOST_AUTO_TEST_SUITE(keyed_mutex_test)

BOOST_AUTO_TEST_CASE(whoever_comes_later_waits_until_the_first_has_ended) {
  keyed_mutex all;
  std::atomic<bool> came = false;
  std::atomic<bool> ended = false;
  bool waited = false;
  std::thread second;
  {
    keyed_mutex::lock first{all, "shop"};
    second = std::thread{[&] {
      came = true;
      keyed_mutex::lock mine{all, "shop"};
      waited = ended;
    }};
    while (!came)
      std::this_thread::yield();
    for (int i = 0; i < 1000; ++i)
      std::this_thread::yield();
    ended = true;
  }
  second.join();
  BOOST_TEST(waited);
}

BOOST_AUTO_TEST_CASE(who_works_under_another_name_waits_for_nobody) {
  keyed_mutex all;
  keyed_mutex::lock first{all, "shop"};
  keyed_mutex::lock second{all, "blog"};
}

BOOST_AUTO_TEST_SUITE_END()
