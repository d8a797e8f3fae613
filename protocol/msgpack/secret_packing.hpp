// The one way of a secret into bytes: a frame between a client and its server. Only the codec of
// frames includes this, so that no record, no error and no line of JSON can hold a secret: without
// it, packing one does not compile.
#pragma once

#include "lifecycle/secret.hpp"
#include "protocol/msgpack/unpacking.hpp"

namespace pawl::msgpack {

inline void pack(writer& out, const secret& x) {
  out.string(x.reveal());
}

inline bool unpack(reader& in, secret& x) {
  auto text = in.string();
  if (text)
    x = secret{std::string{*text}};
  return text.has_value();
}

} // namespace pawl::msgpack
