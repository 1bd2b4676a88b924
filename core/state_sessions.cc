// What State does about sessions: which one an event belongs to, at which place in it, and which of
// a user's sessions is the present one.
#include <algorithm>
#include <cstddef>

#include "core/state.h"

namespace freshet::core {
namespace {

// Of a user's sessions, those started last, among which another than the present one is looked for.
constexpr std::size_t kLookedAt = 8;

}  // namespace

SessionId State::FindSession(const Visitor& visitor) const {
  if (!visitor.session.empty()) {
    const SessionId session = sessions_.Find(visitor.session);
    if (session.valid()) return session;
  }
  if (visitor.user.empty()) return {};
  const UserId user = users_.Find(UserKind::kNamed, visitor.user);
  return user.valid() ? users_.PresentSession(user) : sessions_.Find(visitor.user);
}

SessionId State::SessionContinuedBy(const Event& event) const {
  if (!event.session_id.empty()) return sessions_.Find(event.session_id);
  const UserId user = users_.Find(UserKind::kNamed, event.user_id);
  return user.valid() ? UnnamedSessionAt(user, event.time_ms) : SessionId{};
}

SessionId State::SessionOf(const Event& event, SessionId named, UserId owner,
                           std::int64_t time_ms) {
  if (event.session_id.empty()) {
    const SessionId known = UnnamedSessionAt(owner, time_ms);
    return known.valid() ? known : StartSession({}, owner);
  }
  // Making room for a new user may have taken the session's former owner, and the session with it.
  if (!named.valid() || !sessions_.IsLive(named)) return StartSession(event.session_id, owner);
  if (sessions_.Owner(named) != owner) MoveSession(named, owner);
  return named;
}

SessionId State::UnnamedSessionAt(UserId owner, std::int64_t time_ms) const {
  const auto fits = [&](SessionId session) {
    return sessions_.Name(session).empty() && !IsApart(session, time_ms);
  };
  const SessionId present = users_.PresentSession(owner);
  if (!present.valid()) return {};
  if (fits(present)) return present;
  if (time_ms - sessions_.LastTimeMs(present) > settings_.session_gap_ms) return {};
  SessionId session = sessions_.NewestOf(owner);
  for (std::size_t i = 0; i < kLookedAt && session.valid(); ++i) {
    if (fits(session)) return session;
    session = sessions_.Older(session);
  }
  return {};
}

bool State::IsApart(SessionId session, std::int64_t time_ms) const {
  const std::int64_t gap_ms = settings_.session_gap_ms;
  const std::int64_t last_ms = sessions_.LastTimeMs(session);
  if (time_ms >= last_ms) return time_ms - last_ms > gap_ms;
  if (last_ms - time_ms <= gap_ms) return false;
  if (PlaceIn(session, time_ms) > 0) return false;
  const std::span<const ItemId> items = sessions_.Items(session);
  if (items.empty()) return true;
  const History& history = users_.HistoryOf(sessions_.Owner(session));
  return history.LastTimeS(items.front()) - time_ms / 1000 > gap_ms / 1000;
}

// A session does not keep when its items were touched, but its owner's history does.
std::size_t State::PlaceIn(SessionId session, std::int64_t time_ms) const {
  const std::span<const ItemId> items = sessions_.Items(session);
  const std::int64_t last_ms = sessions_.LastTimeMs(session);
  if (items.empty() || time_ms >= last_ms) return items.size();
  const History& history = users_.HistoryOf(sessions_.Owner(session));
  std::size_t place = items.size();
  while (place > 0 && history.LastTimeS(items[place - 1]) > time_ms / 1000) --place;
  if (place < items.size()) return place;
  // The session's last event may be of the same second.
  const std::uint32_t newest_s = history.LastTimeS(items.back());
  return newest_s == 0 || newest_s >= last_ms / 1000 ? place - 1 : place;
}

SessionId State::StartSession(std::string_view name, UserId owner) {
  while (sessions_.MustMakeRoom()) {
    EraseSession(sessions_.NextToLeave(), /*retract=*/false);
    ++evictions_.sessions;
  }
  return sessions_.Start(name, owner);
}

void State::MoveSession(SessionId session, UserId to) {
  const UserId from = sessions_.Owner(session);
  sessions_.SetOwner(session, to);
  if (users_.PresentSession(from) == session) ReplacePresent(from);
}

void State::EraseSession(SessionId session, bool retract) {
  CloseBaskets(BasketScope::kSession, session.value, retract);
  if (retract) successions_.Retract(sessions_.Items(session));
  const UserId owner = sessions_.Owner(session);
  sessions_.Erase(session);
  if (users_.PresentSession(owner) == session) ReplacePresent(owner);
}

void State::NotePresent(UserId user, SessionId session) {
  const SessionId present = users_.PresentSession(user);
  if (present == session) return;
  if (present.valid() && sessions_.LastTimeMs(session) < sessions_.LastTimeMs(present)) return;
  users_.SetPresentSession(user, session);
}

void State::ReplacePresent(UserId user) {
  SessionId latest = sessions_.NewestOf(user);
  SessionId session = latest;
  for (std::size_t i = 0; i < kLookedAt && session.valid(); ++i) {
    if (sessions_.LastTimeMs(session) > sessions_.LastTimeMs(latest)) latest = session;
    session = sessions_.Older(session);
  }
  users_.SetPresentSession(user, latest);
}

}  // namespace freshet::core
