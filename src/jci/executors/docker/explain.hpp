// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "jci/core/job.hpp"
#include "jci/executors/docker/credentials.hpp"
#include "jci/executors/docker/endpoint.hpp"
#include "jci/executors/docker/error.hpp"
#include "jci/executors/docker/image.hpp"

namespace jci::docker {

// What to tell a person where the engine cannot do what was asked, and what to do about it. Pure. Told by the structure of the
// answers, never by their words, which differ from engine to engine; the words come along.

/// No engine to run anything on. Ends with the way to do without one.
std::string explain_no_engine(const Endpoint& endpoint, const Error& error);

/// What the registry itself said about the image, asked after a pull had failed: engines hide it behind a status of 500.
enum class RegistryView {
  not_asked,
  denies,  ///< 401 or 403: these credentials may not read it, or it does not exist
  fails,   ///< it cannot be reached, or answers something else
};
std::string explain_pull(const std::string& image, const ImageName& name, const RegistryAuth& auth,
                         const Error& error, RegistryView registry);

/// The engine cannot say whether it has the image.
std::string explain_inspect(const std::string& image, const Error& error);

/// `pull="never"`, and the engine does not have it.
std::string explain_missing_image(const std::string& image);

std::string explain_create(const Job& job, const Error& error);

/// A container after its start has failed.
struct Unstarted {
  int exit_code = 0;  ///< 127 and 126 stand for a command that is not there, or no program
  std::string
      program;  ///< of its ENTRYPOINT or of its command; empty where the engine does not say
};
std::string explain_start(const Job& job, const Error& error, const Unstarted& container);

/// The image of a job whose command is text has no /bin/sh.
std::string explain_no_shell(const Job& job);

}  // namespace jci::docker
