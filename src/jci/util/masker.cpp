// SPDX-License-Identifier: MIT
#include "jci/util/masker.hpp"

#include <algorithm>

namespace jci {
namespace {

constexpr std::string_view k_mask = "********";

bool is_line_break(char byte) { return byte == '\n' || byte == '\r'; }

std::string without_line_breaks(std::string_view text) {
  std::string rest(text);
  std::erase_if(rest, is_line_break);
  return rest;
}

unsigned char value(char byte) { return static_cast<unsigned char>(byte); }

std::size_t pair(char first, char second) {
  return static_cast<std::size_t>(value(first)) << 8 | value(second);
}

}  // namespace

Masker::Masker(const std::vector<std::string>& words) {
  for (const std::string& word : words) add(without_line_breaks(word));
  link_shorter();
  note_pairs();
}

std::string Masker::masked(std::string_view text) const {
  if (empty()) return std::string(text);
  MaskingStream stream(*this);
  std::string safe = stream.take(text);
  return safe += stream.finish();
}

std::string Masker::masked_beginning(std::string_view text) const {
  if (empty()) return std::string(text);
  MaskingStream stream(*this);
  std::string safe = stream.take(text);
  return safe += stream.cut();
}

void Masker::add(std::string_view word) {
  if (word.size() < k_shortest) return;
  NodeId node = k_root;
  for (const char byte : word) {
    NodeId deeper = child(node, value(byte));
    if (deeper == k_root) {
      deeper = static_cast<NodeId>(nodes_.size());
      nodes_.push_back({.next_sibling = nodes_[node].first_child,
                        .depth = nodes_[node].depth + 1,
                        .byte = value(byte)});
      nodes_[node].first_child = deeper;
      if (node == k_root) from_root_[value(byte)] = deeper;
    }
    node = deeper;
  }
  nodes_[node].found = nodes_[node].depth;
}

// By depth, so that all shorter ones are known.
void Masker::link_shorter() {
  std::vector<NodeId> level{k_root};
  while (!level.empty()) {
    std::vector<NodeId> deeper;
    for (const NodeId parent : level) {
      for (NodeId id = nodes_[parent].first_child; id != k_root; id = nodes_[id].next_sibling) {
        Node& node = nodes_[id];
        node.shorter = parent == k_root ? k_root : next(nodes_[parent].shorter, node.byte);
        if (node.found == 0) node.found = nodes_[node.shorter].found;
        deeper.push_back(id);
      }
    }
    level = std::move(deeper);
  }
}

void Masker::note_pairs() {
  for (NodeId id = nodes_[k_root].first_child; id != k_root; id = nodes_[id].next_sibling) {
    const char first = static_cast<char>(nodes_[id].byte);
    for (const char line_break : {'\n', '\r'}) pairs_.set(pair(first, line_break));
    for (NodeId second = nodes_[id].first_child; second != k_root;
         second = nodes_[second].next_sibling)
      pairs_.set(pair(first, static_cast<char>(nodes_[second].byte)));
  }
}

Masker::NodeId Masker::child(NodeId node, unsigned char byte) const {
  if (node == k_root) return from_root_[byte];
  NodeId id = nodes_[node].first_child;
  while (id != k_root && nodes_[id].byte != byte) id = nodes_[id].next_sibling;
  return id;
}

Masker::NodeId Masker::next(NodeId node, unsigned char byte) const {
  for (;; node = nodes_[node].shorter) {
    const NodeId deeper = child(node, byte);
    if (deeper != k_root || node == k_root) return deeper;
  }
}

/// How many bytes at the beginning of `text` are in no word, whatever came before or comes later.
std::size_t Masker::without_words(std::string_view text) const {
  std::size_t at = 0;
  while (at + 1 < text.size() && !pairs_[pair(text[at], text[at + 1])]) ++at;
  if (at + 1 == text.size() && from_root_[value(text[at])] == k_root) ++at;
  return at;
}

std::string MaskingStream::take(std::string_view bytes) {
  std::string safe;
  while (!bytes.empty()) {
    if (held_.empty()) {
      const std::size_t plain = masker_->without_words(bytes);
      if (plain != 0) masking_ = false;
      safe += bytes.substr(0, plain);
      bytes.remove_prefix(plain);
      if (bytes.empty()) break;
    }
    read(bytes.front());
    bytes.remove_prefix(1);
    release(safe, masker_->nodes_[node_].depth);
  }
  return safe;
}

std::string MaskingStream::finish() {
  std::string safe;
  release(safe, 0);
  node_ = Masker::k_root;
  masking_ = false;
  return safe;
}

std::string MaskingStream::cut() {
  if (counted_ >= Masker::k_shortest) hide(counted_);
  return finish();
}

void MaskingStream::read(char byte) {
  held_.push_back({.byte = byte, .counts = !is_line_break(byte)});
  if (is_line_break(byte)) return;
  ++counted_;
  const auto& nodes = masker_->nodes_;
  node_ = masker_->next(node_, value(byte));
  hide(nodes[node_].found);
  // Nothing is longer than this: what follows is the next word's, and need not be waited for.
  while (node_ != Masker::k_root && nodes[node_].first_child == Masker::k_root)
    node_ = nodes[node_].shorter;
}

// The last `counted` bytes, and the line breaks between them.
void MaskingStream::hide(std::size_t counted) {
  for (auto at = held_.rbegin(); counted > 0; ++at) {
    at->hidden = true;
    if (at->counts) --counted;
  }
}

void MaskingStream::release(std::string& to, std::size_t but_for) {
  while (!held_.empty() && (counted_ > but_for || !held_.front().counts)) {
    emit(to, held_.front());
    if (held_.front().counts) --counted_;
    held_.pop_front();
  }
}

void MaskingStream::emit(std::string& to, const Held& held) {
  if (!held.hidden) {
    to += held.byte;
  } else if (!masking_) {
    to += k_mask;
  }
  masking_ = held.hidden;
}

}  // namespace jci
