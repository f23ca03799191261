// SPDX-License-Identifier: MIT
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <utility>

#include "jci/util/assert.hpp"
#include "jci/util/http_module.hpp"
#include "jci/util/http_wire_beast.hpp"
#include "jci/util/module.hpp"

namespace jci::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast::http;

constexpr std::size_t k_head_limit = 16UL * 1024;
// Room for what is received: little for an answer of a line, much for a log in full flow.
constexpr std::size_t k_first_room = 4UL * 1024;
constexpr std::size_t k_most_room = 128UL * 1024;
constexpr std::size_t k_idle_connections = 16;

constinit const Module<TlsModule> tls_module{"libjci_tls.so", "jci_util_tls"};

Result<std::shared_ptr<TlsContext>> load_tls(const Tls& tls) {
  try {
    return tls_module->load(tls);
  } catch (const std::runtime_error& error) {
    return std::unexpected(Failure{FailureKind::tls, error.what()});
  }
}

/// Makes Beast leave the body where it was received, its chunks moved together over their heads. The names in it are Beast's.
// NOLINTBEGIN(readability-identifier-naming)
struct InPlaceBody {
  struct value_type {
    char* begin = nullptr;
    char* end = nullptr;
  };
  class reader {
   public:
    template <bool is_request, class Fields>
    reader(beast::header<is_request, Fields>& /*head*/, value_type& body) : body_(body) {}
    void init(const boost::optional<std::uint64_t>& /*size*/, error_code& error) { error = {}; }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, error_code& error) {
      std::size_t size = 0;
      for (auto part = asio::buffer_sequence_begin(buffers);
           part != asio::buffer_sequence_end(buffers); ++part) {
        if (body_.end != part->data()) std::memmove(body_.end, part->data(), part->size());
        body_.end += part->size();
        size += part->size();
      }
      error = {};
      return size;
    }
    void finish(error_code& error) { error = {}; }

   private:
    value_type& body_;
  };
};
// NOLINTEND(readability-identifier-naming)

using Parser = beast::response_parser<InPlaceBody>;

/// What was received and not yet taken, in memory that grows while it keeps being filled.
class Received {
 public:
  std::span<char> bytes() { return {data_.data() + begin_, end_ - begin_}; }
  void take(std::size_t size) { begin_ += size; }
  /// Room behind the bytes; none where they fill all that we are ready to keep.
  std::span<char> room() {
    if (begin_ != 0) std::memmove(data_.data(), data_.data() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
    if (was_filled_ || data_.size() == end_)
      data_.resize(std::clamp(data_.size() * 4, k_first_room, k_most_room));
    return {data_.data() + end_, data_.size() - end_};
  }
  void put(std::size_t size) {
    end_ += size;
    was_filled_ = end_ == data_.size();
  }

 private:
  std::vector<char> data_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool was_filled_ = false;
};

struct Connection {
  std::unique_ptr<Wire> wire;
  Received received;
};

bool is_safe_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

std::string serialize_head(const Request& request, const Endpoint& endpoint) {
  JCI_ASSERT(is_safe_line(request.target) && !request.target.contains(' '));
  std::string head = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", request.method, request.target,
                                 endpoint.socket.empty() ? endpoint.name() : "localhost");
  for (const Header& header : request.headers) {
    JCI_ASSERT(is_safe_line(header.name) && is_safe_line(header.value));
    fmt::format_to(std::back_inserter(head), "{}: {}\r\n", header.name, header.value);
  }
  if (request.source)
    head += "Transfer-Encoding: chunked\r\n";
  else if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD"))
    fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", request.body.size());
  head += "\r\n";
  return head;
}

class BeastPool;

class BeastExchange final : public Exchange {
 public:
  BeastExchange(std::weak_ptr<BeastPool> pool, Endpoint endpoint, Connection connection)
      : pool_(std::move(pool)),
        endpoint_(std::move(endpoint)),
        connection_(std::move(connection)) {}
  ~BeastExchange() override;
  BeastExchange(const BeastExchange&) = delete;
  BeastExchange& operator=(const BeastExchange&) = delete;

  /// Sends the request and reads the head of its answer.
  Awaitable<Result<void>> perform(const Request& request, Deadline deadline);
  bool sent_anything() const { return sent_anything_; }
  bool heard_anything() const { return heard_anything_; }

  const Head& head() const override { return head_; }
  Awaitable<Result<std::span<char>>> read(Deadline deadline) override;
  Awaitable<Result<void>> write(std::string_view bytes, Deadline deadline) override;
  void finish_writing() override { connection_.wire->finish_writing(); }

 private:
  Awaitable<error_code> send(const Request& request);
  Awaitable<error_code> send_chunks(const BodySource& source);
  Awaitable<error_code> send(const Pieces& pieces);
  Awaitable<Result<void>> read_head(const Request& request, const Watch& watch);
  Awaitable<error_code> receive();
  void start_parser(bool without_body);
  void keep_head();
  Result<std::span<char>> parse_body();
  Awaitable<Result<std::span<char>>> read_raw(Deadline deadline);
  std::unexpected<Failure> failed(const error_code& error, const Watch& watch,
                                  std::string_view action);
  std::unexpected<Failure> bad_answer(const error_code& error);
  bool reusable() const;

  std::weak_ptr<BeastPool> pool_;
  Endpoint endpoint_;
  Connection connection_;
  std::optional<Parser> parser_;
  Head head_;
  bool sent_anything_ = false;
  bool heard_anything_ = false;
  bool broken_ = false;
  bool upgraded_ = false;
};

class BeastPool final : public Pool, public std::enable_shared_from_this<BeastPool> {
 public:
  BeastPool(const asio::any_io_executor& executor, const Endpoint& endpoint)
      : executor_(executor), endpoint_(endpoint) {}

  Awaitable<Result<std::unique_ptr<Exchange>>> request(const Request& request,
                                                       Deadline deadline) override;
  std::size_t idle_connections() const override { return idle_.size(); }

  const asio::any_io_executor& executor() const { return executor_; }
  void give_back(Connection connection) {
    if (idle_.size() < k_idle_connections) idle_.push_back(std::move(connection));
  }

 private:
  std::optional<Connection> take_idle();
  Awaitable<Result<Connection>> make(Deadline deadline);

  asio::any_io_executor executor_;
  Endpoint endpoint_;
  std::shared_ptr<TlsContext> tls_;
  std::vector<Connection> idle_;  // last used last
};

// --- one request and its answer ---

BeastExchange::~BeastExchange() {
  const auto pool = pool_.lock();
  if (pool && reusable()) pool->give_back(std::move(connection_));
}

bool BeastExchange::reusable() const {
  return !broken_ && !upgraded_ && parser_ && parser_->is_done() && parser_->keep_alive();
}

std::unexpected<Failure> BeastExchange::failed(const error_code& error, const Watch& watch,
                                               std::string_view action) {
  broken_ = true;
  connection_.wire->close();
  return std::unexpected(to_failure(error, watch.expired(), endpoint_, action));
}

std::unexpected<Failure> BeastExchange::bad_answer(const error_code& error) {
  broken_ = true;
  connection_.wire->close();
  return std::unexpected(Failure{FailureKind::protocol,
                                 fmt::format("`{}` answered what is not HTTP, or not in full: {}",
                                             endpoint_.name(), error.message())});
}

Awaitable<Result<void>> BeastExchange::perform(const Request& request, Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  const Watch watch(executor, deadline, [this] { connection_.wire->close(); });
  const error_code error = co_await send(request);
  if (!error) co_return co_await read_head(request, watch);
  if (watch.expired() || error == asio::error::operation_aborted || !sent_anything_)
    co_return failed(error, watch, "sending a request to");
  // A server that wants no more of a body may have said why.
  auto answered = co_await read_head(request, watch);
  broken_ = true;
  if (!answered) co_return failed(error, watch, "sending a request to");
  co_return answered;
}

Awaitable<error_code> BeastExchange::send(const Request& request) {
  const std::string head = serialize_head(request, endpoint_);
  const Pieces pieces{asio::buffer(head), asio::buffer(request.body)};
  error_code error = co_await send(pieces);
  if (!error && request.source) error = co_await send_chunks(request.source);
  co_return error;
}

Awaitable<error_code> BeastExchange::send_chunks(const BodySource& source) {
  while (true) {
    const std::string_view piece = co_await source();
    const std::string size = fmt::format("{:x}\r\n", piece.size());
    const Pieces chunk{asio::buffer(size), asio::buffer(piece), asio::buffer("\r\n", 2)};
    const error_code error = co_await send(chunk);
    if (error || piece.empty()) co_return error;
  }
}

Awaitable<error_code> BeastExchange::send(const Pieces& pieces) {
  const auto [error, size] = co_await connection_.wire->write(pieces);
  sent_anything_ = sent_anything_ || size > 0;
  co_return error;
}

void BeastExchange::start_parser(bool without_body) {
  parser_.emplace();
  parser_->header_limit(k_head_limit);
  parser_->body_limit(boost::none);
  parser_->skip(without_body);
}

Awaitable<Result<void>> BeastExchange::read_head(const Request& request, const Watch& watch) {
  Received& received = connection_.received;
  start_parser(request.method == "HEAD");
  while (!parser_->is_header_done()) {
    const auto bytes = received.bytes();
    error_code error = beast::error::need_more;
    if (!bytes.empty())
      received.take(parser_->put(asio::const_buffer(bytes.data(), bytes.size()), error));
    if (error == beast::error::need_more) {
      error = co_await receive();
      if (error) co_return failed(error, watch, "waiting for an answer of");
    } else if (error) {
      co_return bad_answer(error);
    } else if (parser_->is_header_done() && parser_->get().result_int() / 100 == 1 &&
               parser_->get().result_int() != 101) {
      start_parser(request.method == "HEAD");  // that was an interim answer
    }
  }
  keep_head();
  co_return Result<void>();
}

void BeastExchange::keep_head() {
  head_.status = parser_->get().result_int();
  for (const auto& field : parser_->get())
    head_.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  upgraded_ = head_.status == 101;
  parser_->eager(true);
}

// More bytes into `received`.
Awaitable<error_code> BeastExchange::receive() {
  const auto room = connection_.received.room();
  if (room.empty()) co_return beast::error::header_limit;
  const auto [error, size] = co_await connection_.wire->read_some(room);
  connection_.received.put(size);
  heard_anything_ = heard_anything_ || size > 0;
  co_return error;
}

Result<std::span<char>> BeastExchange::parse_body() {
  const auto bytes = connection_.received.bytes();
  auto& body = parser_->get().body();
  body = {bytes.data(), bytes.data()};
  if (bytes.empty()) return std::span<char>();
  error_code error;
  connection_.received.take(parser_->put(asio::const_buffer(bytes.data(), bytes.size()), error));
  if (error && error != beast::error::need_more) return bad_answer(error);
  return std::span<char>(body.begin, body.end);
}

Awaitable<Result<std::span<char>>> BeastExchange::read(Deadline deadline) {
  if (upgraded_) co_return co_await read_raw(deadline);
  const auto executor = co_await asio::this_coro::executor;
  const Watch watch(executor, deadline, [this] { connection_.wire->close(); });
  while (!parser_->is_done()) {
    auto piece = parse_body();
    if (!piece || !piece->empty()) co_return piece;
    if (parser_->is_done()) break;
    error_code error = co_await receive();
    if (error == asio::error::eof && parser_->need_eof()) {
      error = {};
      parser_->put_eof(error);
    }
    if (error) co_return failed(error, watch, "reading an answer of");
  }
  co_return std::span<char>();
}

Awaitable<Result<std::span<char>>> BeastExchange::read_raw(Deadline deadline) {
  Received& received = connection_.received;
  if (received.bytes().empty()) {
    const auto executor = co_await asio::this_coro::executor;
    const Watch watch(executor, deadline, [this] { connection_.wire->close(); });
    const error_code error = co_await receive();
    if (error == asio::error::eof) co_return std::span<char>();
    if (error) co_return failed(error, watch, "reading from");
  }
  const auto bytes = received.bytes();
  received.take(bytes.size());
  co_return bytes;
}

Awaitable<Result<void>> BeastExchange::write(std::string_view bytes, Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  const Watch watch(executor, deadline, [this] { connection_.wire->close(); });
  const Pieces pieces{asio::buffer(bytes)};
  const error_code error = co_await send(pieces);
  if (error) co_return failed(error, watch, "writing to");
  co_return Result<void>();
}

// --- all requests ---

std::optional<Connection> BeastPool::take_idle() {
  while (!idle_.empty()) {
    Connection connection = std::move(idle_.back());
    idle_.pop_back();
    if (connection.wire->quiet()) return connection;
  }
  return std::nullopt;
}

Awaitable<Result<Connection>> BeastPool::make(Deadline deadline) {
  if (endpoint_.tls && !tls_) {
    auto loaded = load_tls(*endpoint_.tls);
    if (!loaded) co_return std::unexpected(std::move(loaded).error());
    tls_ = std::move(*loaded);
  }
  auto wire = co_await connect(endpoint_, tls_, deadline);
  if (!wire) co_return std::unexpected(std::move(wire).error());
  Connection connection;
  connection.wire = std::move(*wire);
  co_return connection;
}

bool may_repeat(const Request& request, const BeastExchange& failed) {
  const std::string_view method = request.method;
  const bool harmless = method == "GET" || method == "HEAD" || method == "DELETE";
  return !failed.heard_anything() && !request.source && (harmless || !failed.sent_anything());
}

Awaitable<Result<std::unique_ptr<Exchange>>> BeastPool::request(const Request& request,
                                                                Deadline deadline) {
  const auto self = shared_from_this();
  while (true) {
    std::optional<Connection> connection = take_idle();
    const bool fresh = !connection;
    if (fresh) {
      auto made = co_await make(deadline);
      if (!made) co_return std::unexpected(std::move(made).error());
      connection = std::move(*made);
    }
    auto exchange = std::make_unique<BeastExchange>(self, endpoint_, std::move(*connection));
    const auto done = co_await exchange->perform(request, deadline);
    if (done) co_return std::unique_ptr<Exchange>(std::move(exchange));
    const bool stale = !fresh && done.error().kind == FailureKind::closed;
    if (!stale || !may_repeat(request, *exchange)) co_return std::unexpected(done.error());
    idle_.clear();  // they are as old
  }
}

std::shared_ptr<Pool> make(const asio::any_io_executor& executor, const Endpoint& endpoint) {
  return std::make_shared<BeastPool>(executor, endpoint);
}

}  // namespace
}  // namespace jci::http

extern "C" const jci::http::HttpModule jci_util_http = {.make_pool = jci::http::make};
