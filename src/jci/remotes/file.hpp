// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/object.hpp>

#include <filesystem>
#include <memory>

#include "jci/core/remote.hpp"

namespace jci {

/// Keeps the newest report in a file, whose folders are made. Whoever reads it sees a whole report, the old one or the new. `publish` throws
/// RemoteApiFailed naming the file and the reason.
/// It prefers the reporter that the name ends with: `.md`, `.html`, `.json`, `.xml` (JUnit).
/// `-` is stdout, which gets the final report only. Throws BadConfig for an empty path.
std::shared_ptr<Remote> make_file_remote(const std::filesystem::path& path);
std::shared_ptr<Remote> file_remote_at(const boost::json::object& address);

}  // namespace jci
