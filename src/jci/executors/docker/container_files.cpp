// SPDX-License-Identifier: MIT
#include "jci/executors/docker/container_files.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "jci/util/fd.hpp"
#include "jci/util/other_thread.hpp"

namespace jci::docker {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

constexpr auto k_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t k_piece = 64UL * 1024;
// Of an archive, until the bytes of its first file begin: more than any header needs.
constexpr std::size_t k_headers = 64UL * 1024;
// An end for the other thread even where nobody closes our side: longer than any call waits.
constexpr timeval k_stuck{.tv_sec = 2 * 60 * 60, .tv_usec = 0};

/// Between this thread and one that may block. The kernel makes the faster side wait, so little is in memory at any time.
struct Passage {
  asio::local::stream_protocol::socket ours;
  Fd theirs;
};

Passage make_passage(const asio::any_io_executor& executor) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw std::system_error(errno, std::system_category(), "socketpair");
  Fd ours(ends[0]);
  Fd theirs(ends[1]);
  for (const int option : {SO_SNDTIMEO, SO_RCVTIMEO})
    ::setsockopt(theirs.get(), SOL_SOCKET, option, &k_stuck, sizeof k_stuck);
  asio::local::stream_protocol::socket socket(executor, asio::local::stream_protocol(), ours.get());
  ours.release();
  return {std::move(socket), std::move(theirs)};
}

Awaitable<std::string_view> next_piece(asio::local::stream_protocol::socket& from,
                                       std::vector<char>& room) {
  const auto [error, size] = co_await from.async_read_some(asio::buffer(room), k_tuple);
  co_return std::string_view(room.data(), size);
}

/// False where there is nobody any more who unpacks; that one says why.
Awaitable<bool> pass_on(asio::local::stream_protocol::socket& to, std::string_view piece) {
  const auto bytes = asio::buffer(piece);
  const auto [error, size] = co_await asio::async_write(to, bytes, k_tuple);
  co_return !error;
}

/// False where it is enough.
Awaitable<bool> keep(std::string& archive, std::string_view piece, std::size_t enough) {
  archive += piece;
  co_return archive.size() < enough;
}

}  // namespace

ContainerFiles::ContainerFiles(Client& client, const asio::any_io_executor& executor,
                               std::string container)
    : client_(client), executor_(executor), container_(std::move(container)) {}

Awaitable<Answer<void>> ContainerFiles::put(tar::Parcel parcel, std::string to) {
  using namespace asio::experimental::awaitable_operators;
  Passage passage = make_passage(executor_);
  auto pack = [to = std::move(passage.theirs), parcel = std::move(parcel)]() mutable {
    const Fd socket = std::move(to);  // closed at the end, which is that of the archive
    return tar::pack(parcel, socket.get());
  };
  auto both = on_other_thread(std::move(pack)) && send(std::move(passage.ours), std::move(to));
  const auto [packed, sent] = co_await std::move(both);
  if (!packed) co_return refused(0, packed.error());
  co_return sent;
}

Awaitable<Answer<void>> ContainerFiles::send(Socket from, std::string to) {
  std::vector<char> room(k_piece);
  const http::BodySource source = [&] { return next_piece(from, room); };
  co_return co_await client_.put_archive(container_, to, source);
}

Awaitable<Answer<std::vector<std::string>>> ContainerFiles::take(std::string path,
                                                                 fs::path directory) {
  using namespace asio::experimental::awaitable_operators;
  Passage passage = make_passage(executor_);
  auto unpack = [from = std::move(passage.theirs), directory = std::move(directory)]() mutable {
    const Fd socket = std::move(from);
    return tar::unpack(socket.get(), directory);
  };
  auto both =
      on_other_thread(std::move(unpack)) && receive(std::move(path), std::move(passage.ours));
  auto [problems, received] = co_await std::move(both);
  if (!received) co_return std::unexpected(received.error());
  co_return std::move(problems);
}

Awaitable<Answer<void>> ContainerFiles::receive(std::string path, Socket to) {
  const ArchiveSink sink = [&](std::string_view piece) { return pass_on(to, piece); };
  co_return co_await client_.get_archive(container_, path, sink);
}

Awaitable<Answer<std::string>> ContainerFiles::beginning_of(std::string path,
                                                            std::size_t max_bytes) {
  std::string archive;
  const std::size_t enough = k_headers + max_bytes;
  const ArchiveSink sink = [&](std::string_view piece) { return keep(archive, piece, enough); };
  const Answer<void> got = co_await client_.get_archive(container_, path, sink);
  if (!got && !got.error().is_not_found()) co_return std::unexpected(got.error());
  if (!got) co_return "";
  co_return tar::first_file(archive, std::min(max_bytes, archive.size())).value_or("");
}

}  // namespace jci::docker
