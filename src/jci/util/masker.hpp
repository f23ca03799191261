// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace jci {

/// Finds words in text and puts `********` in their place. Line breaks do not hide a word, whether they are in the text or in the word:
/// both are compared without. Time grows with the text alone, however many words there are (Aho and Corasick, "Efficient string
/// matching: an aid to bibliographic search", 1975). Does not change once made: one serves all threads.
class Masker {
 public:
  /// Shorter words, line breaks not counted, are not looked for: they are in every text.
  static constexpr std::size_t k_shortest = 4;

  Masker() = default;  ///< finds nothing
  explicit Masker(const std::vector<std::string>& words);

  bool empty() const { return nodes_.size() == 1; }
  std::string masked(std::string_view text) const;
  /// The same for a text that may have been cut: what it ends with is masked too where that is the beginning of a word, of at least
  /// `k_shortest` bytes.
  std::string masked_beginning(std::string_view text) const;

 private:
  friend class MaskingStream;
  using NodeId = std::uint32_t;
  static constexpr NodeId k_root = 0;  // as a child: none

  // What has been read, as far as it is the beginning of a word.
  struct Node {
    NodeId first_child = k_root;
    NodeId next_sibling = k_root;
    NodeId shorter = k_root;  // the longest end of this beginning that is one too
    std::uint32_t depth = 0;  // in bytes
    std::uint32_t found = 0;  // length of the longest word that ends here; 0: none does
    unsigned char byte = 0;
  };

  void add(std::string_view word);
  void link_shorter();
  void note_pairs();
  NodeId child(NodeId node, unsigned char byte) const;
  NodeId next(NodeId node, unsigned char byte) const;
  std::size_t without_words(std::string_view text) const;

  std::vector<Node> nodes_{1};
  std::array<NodeId, 256> from_root_{};
  std::bitset<65536> pairs_;  // that begin a word: most text is passed over by these alone
};

/// The same for text that comes in pieces cut anywhere: holds back what may yet become a word.
class MaskingStream {
 public:
  /// `masker` must outlive the stream.
  explicit MaskingStream(const Masker& masker) : masker_(&masker) {}

  std::string take(std::string_view bytes);
  /// What was held back. After this the stream is as new.
  std::string finish();
  /// The same where the text goes on, but not here.
  std::string cut();

 private:
  struct Held {
    char byte;
    bool counts;  // it is no line break
    bool hidden = false;
  };

  void read(char byte);
  void hide(std::size_t counted);
  void release(std::string& to, std::size_t but_for);
  void emit(std::string& to, const Held& held);

  const Masker* masker_;
  Masker::NodeId node_ = Masker::k_root;
  std::deque<Held> held_;
  std::size_t counted_ = 0;  // in `held_`
  bool masking_ = false;     // the last that was emitted is a mask
};

}  // namespace jci
