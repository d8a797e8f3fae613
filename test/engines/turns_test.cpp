#include "engines/turns.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>

using namespace pawl;

BOOST_AUTO_TEST_SUITE(turns_test)

BOOST_AUTO_TEST_CASE(whoever_comes_later_waits_until_the_first_has_ended) {
  turns all;
  std::atomic<bool> came = false;
  std::atomic<bool> ended = false;
  bool waited = false;
  std::thread second;
  {
    turns::turn first{all, "shop"};
    second = std::thread{[&] {
      came = true;
      turns::turn mine{all, "shop"};
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
  turns all;
  turns::turn first{all, "shop"};
  turns::turn second{all, "blog"};
}

BOOST_AUTO_TEST_SUITE_END()
