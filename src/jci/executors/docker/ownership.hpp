// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include "jci/executors/docker/client.hpp"
#include "jci/executors/docker/convert.hpp"
#include "jci/util/async.hpp"

namespace jci::docker {

/// Whether anything in `directory` belongs to somebody else, or cannot be looked at. Follows no links.
bool has_foreign_files(const std::filesystem::path& directory);

/// Jobs are root in most images, and so are the files they leave, which a user could not even delete. Gives all in the Workspace to the user
/// of this process, by a container of ours. Nothing to do for root, and for rootless engines. What fails is left as it is: the next run takes
/// another Workspace then.
Awaitable<> own_workspace(Client& client, const std::filesystem::path& workspace,
                          const std::string& inside_image, const Surroundings& surroundings);

}  // namespace jci::docker
