// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "jci/executors/docker/client.hpp"
#include "jci/executors/docker/network.hpp"
#include "jci/executors/docker/options.hpp"
#include "jci/util/async.hpp"

namespace jci::docker {

/// A service whose container runs.
struct RunningService {
  std::string id;            ///< of its container
  std::string inside_image;  ///< see inside_image.hpp
  LabelMap labels;           ///< for a container of ours that looks at its ports
};

/// Waits until the service answers as `ready` asks. Has no deadline of its own: to be cancelled, also when the container ends. An error is why
/// that cannot be found out.
Awaitable<Answer<void>> wait_until_ready(Client& client, const RunningService& service,
                                         const Ready& ready);

/// Waits until the HEALTHCHECK of its image says `healthy`.
Awaitable<Answer<void>> wait_until_healthy(Client& client, const RunningService& service);

/// Waits until it is ready as `options` ask, or healthy where they ask for nothing, and not longer than they allow. Empty when it is; nothing
/// where its container has ended, which tells more; else why it is given up. Bears an engine that goes away and comes back.
Awaitable<std::optional<std::string>> wait_in_time(Client& client, const RunningService& service,
                                                   const Options& options);

}  // namespace jci::docker
