// SPDX-License-Identifier: MIT
#include "jci/core/job.hpp"

namespace jci {

const std::string& Job::image() const {
  static const std::string default_image(k_default_image);
  return settings->image ? *settings->image : default_image;
}

Milliseconds Job::timeout() const { return settings->timeout.value_or(k_default_timeout); }

bool Job::is_service() const { return settings->is_service.value_or(false); }

}  // namespace jci
