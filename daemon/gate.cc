#include "daemon/gate.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "daemon/futex.h"

namespace freshet::daemon {
namespace {

// Who must wait looks about this often, some 50 us, before it sleeps: turns and readings are as
// short, and to be woken takes as long again. It does not offer its processor to others meanwhile
// (sched_yield): whoever takes it may keep it for milliseconds, and all wait with it.
constexpr int kLooks = 2000;

void Pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

// Looks until `is_over()`, or for as long as above.
template <typename IsOver>
void LookFor(IsOver&& is_over) {
  for (int look = 0; look < kLooks; ++look) {
    if (is_over()) return;
    Pause();
  }
}

}  // namespace

// Why a reading and a turn never overlap, and nobody sleeps for ever.
//
// All stores and loads of `turn_` and of the slots are sequentially consistent: there is one order
// of them all, which every thread's own order agrees with.
//
// 1. Entering. A reader stores kReading in its slot and then loads turn_; the writer stores its
//    turn in turn_ and then loads the slot. In the one order either the reader's store comes before
//    the writer's load, and the writer waits for the slot to change; or the writer's store comes
//    before the reader's load, and the reader steps back. Both may happen (the reader steps back
//    and the writer sees that); that neither happens is what a weaker order would allow.
// 2. Stepping back from turn t. The reader stores t in its slot. The writer of turn t takes a slot
//    that says t for one that does not read. The reader goes on once turn_ is not t, so after turn
//    t has ended, and does not look at turn_ again: the writer of the next turn takes a slot that
//    says t, the turn before its own, for one that reads, and waits until it has read. So the
//    writer cannot get two turns past a waiting reader: two turn numbers are enough, turn_ cannot
//    come back to t unseen, and a reader waits for one turn at most.
// 3. Leaving. A reader stores kIdle and then loads turn_; by the argument of 1 either it sees the
//    turn and goes on to wake the writer, or the writer's load comes later and sees kIdle.
// 4. Sleeping. Who sleeps first says so, and then looks once more at what it waits for (the system
//    does, too); who changes that looks for sleepers afterwards. In the one order either the
//    sleeper is seen and woken, or it sees the change.
// 5. What was changed in a turn happens before every later reading: the reader's load of turn_
//    reads what the writer stored after the change. What was read happens before the next change:
//    the writer's load of the slot reads what the reader stored after reading.

Gate::Gate(std::size_t maximum_readers)
    : slot_count_(maximum_readers),
      slots_(std::make_unique<Slot[]>(maximum_readers)),
      taken_(std::make_unique<bool[]>(maximum_readers)) {}

Gate::Reader Gate::Register() {
  const std::lock_guard lock(registration_);
  for (std::size_t i = 0; i < slot_count_; ++i) {
    if (taken_[i]) continue;
    taken_[i] = true;
    return Reader(this, &slots_[i]);
  }
  std::fprintf(stderr, "gate: more than %zu readers\n", slot_count_);
  std::abort();
}

void Gate::Release(Slot* slot) {
  const std::lock_guard lock(registration_);
  taken_[static_cast<std::size_t>(slot - slots_.get())] = false;
}

std::size_t Gate::waiting() const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < slot_count_; ++i) {
    const std::uint32_t state = slots_[i].state.load(std::memory_order_relaxed);
    if (state != kIdle && state != kReading) ++count;
  }
  return count;
}

void Gate::BeginWrite() {
  const std::uint32_t turn = last_turn_ == kFirstTurn ? kSecondTurn : kFirstTurn;
  last_turn_ = turn;
  turn_.store(turn, std::memory_order_seq_cst);
  for (std::size_t i = 0; i < slot_count_; ++i) {
    std::atomic<std::uint32_t>& state = slots_[i].state;
    const auto reads = [turn](std::uint32_t of) { return of != kIdle && of != turn; };
    LookFor([&] { return !reads(state.load(std::memory_order_relaxed)); });
    std::uint32_t seen = state.load(std::memory_order_seq_cst);
    if (!reads(seen)) continue;
    writer_sleeps_.store(true, std::memory_order_seq_cst);
    while (reads(seen = state.load(std::memory_order_seq_cst))) FutexWait(state, seen);
    writer_sleeps_.store(false, std::memory_order_seq_cst);
  }
}

void Gate::EndWrite() {
  turn_.store(kOpen, std::memory_order_seq_cst);
  if (sleeping_readers_.load(std::memory_order_seq_cst) > 0) FutexWake(turn_);
}

void Gate::Reader::WaitOut(std::uint32_t turn) {
  slot_->state.store(turn, std::memory_order_seq_cst);
  WakeWriter();  // it may wait for this slot to stop reading
  std::atomic<std::uint32_t>& now = gate_->turn_;
  LookFor([&] { return now.load(std::memory_order_relaxed) != turn; });
  if (now.load(std::memory_order_seq_cst) == turn) {
    gate_->sleeping_readers_.fetch_add(1, std::memory_order_seq_cst);
    while (now.load(std::memory_order_seq_cst) == turn) FutexWait(now, turn);
    gate_->sleeping_readers_.fetch_sub(1, std::memory_order_seq_cst);
  }
  slot_->state.store(kReading, std::memory_order_seq_cst);
}

void Gate::Reader::WakeWriter() {
  if (gate_->writer_sleeps_.load(std::memory_order_seq_cst)) FutexWake(slot_->state);
}

Gate::Reader::Reader(Reader&& other) noexcept
    : gate_(other.gate_), slot_(std::exchange(other.slot_, nullptr)) {}

Gate::Reader::~Reader() {
  if (slot_ != nullptr) gate_->Release(slot_);
}

}  // namespace freshet::daemon
