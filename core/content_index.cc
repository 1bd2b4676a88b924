#include "core/content_index.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/ascii.h"
#include "core/column_text.h"
#include "core/heap_bytes.h"

namespace freshet::core {
namespace {

// Tells a category value from a word of the same letters.
constexpr char kCategoryMark = '=';

// Every byte of a letter beyond ASCII is one of a word.
bool IsOfWord(char c) {
  return IsDigit(c) || IsUpper(c) || IsLower(c) || static_cast<unsigned char>(c) >= 128;
}

// Calls visit(word) for each word of `text`, in lower case. An apostrophe parts no word, and a
// single letter is none.
template <typename Visit>
void ForEachWord(std::string_view text, Visit&& visit) {
  std::string word;
  const auto end_word = [&] {
    if (word.size() > 1 || (word.size() == 1 && IsDigit(word[0]))) visit(word);
    word.clear();
  };
  for (const char c : text) {
    if (IsOfWord(c)) {
      word.push_back(ToLower(c));
    } else if (c != '\'') {
      end_word();
    }
  }
  end_word();
}

}  // namespace

void ContentIndex::Describe(ItemId item, std::span<const Column> columns) {
  Forget(item);
  const std::vector<std::string> terms = TermsOf(columns);
  if (terms.empty()) return;
  if (item.value >= terms_.size()) terms_.resize(std::size_t{item.value} + 1);
  SetDescribed(described_ + 1);
  for (const std::string& term : terms) Add(item, FindOrAdd(term));
  std::vector<TermId>& own = terms_[item.value];
  own.shrink_to_fit();
  std::sort(own.begin(), own.end());
  own_bytes_ += BlockBytesOf(own);
}

void ContentIndex::Forget(ItemId item) {
  if (Terms(item).empty()) return;
  std::vector<TermId>& own = terms_[item.value];
  for (const TermId term : own) {
    SlotList& items = items_[term.value];
    list_bytes_ -= items.bytes();
    items.Erase(item.value);
    list_bytes_ += items.bytes();
    logs_[term.value] = std::log(static_cast<float>(items.size()));
    if (items.size() > 0) continue;
    names_.Erase(term.value);
    free_terms_.push_back(term.value);
  }
  own_bytes_ -= BlockBytesOf(own);
  own = {};
  SetDescribed(described_ - 1);
}

void ContentIndex::SetDescribed(std::size_t count) {
  described_ = count;
  log_items_ = std::log(1 + static_cast<float>(count));
}

void ContentIndex::Add(ItemId item, TermId term) {
  SlotList& items = items_[term.value];
  list_bytes_ -= items.bytes();
  items.Add(item.value);
  list_bytes_ += items.bytes();
  logs_[term.value] = std::log(static_cast<float>(items.size()));
  terms_[item.value].push_back(term);
}

std::vector<std::string> ContentIndex::TermsOf(std::span<const Column> columns) const {
  std::vector<std::string> terms;
  const auto add = [&](std::string term) {
    if (terms.size() == settings_.maximum_terms_per_item) return;
    if (std::find(terms.begin(), terms.end(), term) == terms.end())
      terms.push_back(std::move(term));
  };
  ForEachCategoryValue(settings_.category_columns, columns,
                       [&](std::string_view value) { add(kCategoryMark + std::string(value)); });
  ForEachText(settings_.text_columns, columns, [&](std::string_view text) {
    ForEachWord(text, [&](const std::string& word) { add(word); });
  });
  return terms;
}

TermId ContentIndex::FindOrAdd(std::string_view term) {
  TermId id{names_.Find(term)};
  if (id.valid()) return id;
  if (free_terms_.empty()) {
    id.value = static_cast<std::uint32_t>(items_.size());
    items_.emplace_back();
    logs_.push_back(0);
  } else {
    id.value = free_terms_.back();
    free_terms_.pop_back();
  }
  names_.Insert(term, id.value);
  return id;
}

const SlotList* ContentIndex::ItemsOf(std::string_view category) const {
  const TermId term{names_.Find(kCategoryMark + std::string(category))};
  return term.valid() ? &items_[term.value] : nullptr;
}

std::uint64_t ContentIndex::SquareOf(TermId term) const {
  constexpr float kUnit = 1 << 16;
  const float weight = log_items_ - logs_[term.value];
  return static_cast<std::uint64_t>(weight * weight * kUnit);
}

ContentIndex::TermOrder::TermOrder(const ContentIndex& index, std::span<const TermId> terms)
    : size_(terms.size()) {
  std::copy(terms.begin(), terms.end(), terms_.begin());
  // By name where they are equally rare, for ids differ from one process to the next.
  std::sort(
      terms_.begin(), terms_.begin() + static_cast<std::ptrdiff_t>(size_), [&](TermId a, TermId b) {
        const std::size_t of_a = index.items_[a.value].size();
        const std::size_t of_b = index.items_[b.value].size();
        return of_a != of_b ? of_a < of_b : index.names_.Name(a.value) < index.names_.Name(b.value);
      });
}

std::size_t ContentIndex::bytes() const {
  return names_.bytes() + ArrayBytesOf(items_) + list_bytes_ + ArrayBytesOf(logs_) +
         ArrayBytesOf(terms_) + own_bytes_;
}

}  // namespace freshet::core
