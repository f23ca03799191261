// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "jci/executors/docker/client.hpp"
#include "jci/util/async.hpp"
#include "jci/util/tar.hpp"

namespace jci::docker {

/// The files of a container, which need not run: they come and go as tar archives. Our disk is read and written on other threads, in step
/// with the engine.
class ContainerFiles {
 public:
  ContainerFiles(Client& client, const boost::asio::any_io_executor& executor,
                 std::string container);

  /// Unpacks `parcel` into its directory `to`.
  Awaitable<Answer<void>> put(tar::Parcel parcel, std::string to);
  /// Unpacks its directory `path` into `directory` of ours. Returns, for people, what could not be written.
  Awaitable<Answer<std::vector<std::string>>> take(std::string path,
                                                   std::filesystem::path directory);
  /// The first bytes of its file `path`; empty where there is none, or it is no regular file. Follows no link.
  Awaitable<Answer<std::string>> beginning_of(std::string path, std::size_t max_bytes);

 private:
  using Socket = boost::asio::local::stream_protocol::socket;
  Awaitable<Answer<void>> send(Socket from, std::string to);
  Awaitable<Answer<void>> receive(std::string path, Socket to);

  Client& client_;
  boost::asio::any_io_executor executor_;
  std::string container_;
};

}  // namespace jci::docker
