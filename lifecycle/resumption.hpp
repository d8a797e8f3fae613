// How a starting server resumes the deployments that it finds in flight, when one of them may have
// crashed the server before.
//
// `resumes` of a record counts the resumptions in a row that the server did not survive. It is
// stored before the deployment is acted on, and is 0 again with its next transition, or after
// limits::resume_trial. Any end that is no crash breaks the row: a kill by somebody, a power
// failure and an orderly end say nothing about the deployments. A server that ran out of memory has
// crashed, whether it ended itself or the kernel killed it.
//
// After a crash deployments are resumed one at a time, so a count above 1 belongs to a deployment
// that was resumed alone: no other deployment can be given up in its place.
#pragma once

#include "lifecycle/limits.hpp"

namespace pawl {

enum class resumption : std::uint8_t {
  uncounted, // the lane alone had ended, not the server
  at_once,   // with all the others
  in_turn,   // when those before it have moved, or were survived for limits::resume_trial
  given_up,  // it fails
};

// The way to resume a deployment in flight: `resumes` is its record's count, `crashed` says whether
// the server before this one crashed.
constexpr resumption resumption_of(std::uint32_t resumes, bool crashed) noexcept {
  if (!crashed)
    return resumption::at_once;
  return resumes < limits::resumes_max ? resumption::in_turn : resumption::given_up;
}

// The count to store in the record before the deployment is acted on.
constexpr std::uint32_t resumes_with_this(std::uint32_t resumes, bool crashed) noexcept {
  return crashed ? resumes + 1 : 1;
}

} // namespace pawl
