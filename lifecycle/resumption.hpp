// What a server that starts does with a deployment that it finds in flight, when one of them may be
// what has crashed the server before it.
//
// `resumes` of a record counts the resumptions in a row that the server did not survive. It is
// stored before the deployment is acted on, and is 0 again with its next transition, or after
// limits::resume_trial. A row is broken by any end that is no crash: a kill from outside, a power
// failure and an end in good order say nothing about the deployments.
//
// After a crash one deployment is taken up after another, so a count above 1 is of one that was
// taken up alone: the others cannot be given up for it.
#pragma once

#include "lifecycle/limits.hpp"

namespace pawl {

enum class resumption : std::uint8_t {
  uncounted, // the lane alone had ended, not the server
  at_once,   // with all the others
  in_turn,   // when those before it have moved, or were survived for limits::resume_trial
  given_up,  // it fails
};

// How a server goes on with a deployment in flight, by what its record counts, and whether the
// server before this one crashed.
constexpr resumption resumption_of(std::uint32_t resumes, bool crashed) noexcept {
  if (!crashed)
    return resumption::at_once;
  return resumes < limits::resumes_max ? resumption::in_turn : resumption::given_up;
}

// What the record has to count before the deployment is acted on.
constexpr std::uint32_t resumes_with_this(std::uint32_t resumes, bool crashed) noexcept {
  return crashed ? resumes + 1 : 1;
}

} // namespace pawl
