import RiskModel
import TraderFeed

extension TraderScreen {
  /// The one thing that the trader must not overlook, if there is any.
  var banner: ScreenLine? {
    if let reason = view.disconnected, let feed = view.feed {
      return ScreenLine(
        " NOT CONNECTED since \(wording.time(feed.at)), trying again: \(reason)", .bad)
    }
    guard let feed = view.feed else { return nil }
    let age = now - feed.at
    if age > Self.staleAfter {
      return ScreenLine(
        " OUT OF DATE: nothing new for \(Wording.duration(age)); shown is \(wording.time(feed.at))",
        .bad)
    }
    if let account, account.unprotectable == nil, feed.at - account.at > Self.staleAfter {
      return ScreenLine(
        " OUT OF DATE: the rules were last evaluated at \(wording.time(account.at))", .bad)
    }
    if let reason = account?.unprotectable {
      return ScreenLine(" NOT PROTECTED by riskd: \(reason)", .bad)
    }
    if let doubt = account?.doubt {
      return ScreenLine(" In doubt until it is read again: \(doubt)", .warning)
    }
    if let lockout = account?.leadingLockout {
      return ScreenLine(" LOCKED: \(rest(of: lockout)). \(lockout.reason)", .bad)
    }
    return view.message.map { ScreenLine(" \($0)", .warning) }
  }

  /// `ends in 1:29:55`, or the condition that ends it.
  func rest(of lockout: LockoutReport) -> String {
    guard let end = lockout.endsAt else { return "ends \(lockout.ends)" }
    guard end > now else { return "about to end" }
    return "ends in \(Wording.countdown(end - now))"
  }

  var footer: ScreenLine {
    guard let feed = view.feed else { return ScreenLine(" ? keys  Q quit", .faint) }
    var line = ScreenLine(" ")
    if feed.service.testClock != nil { line.add("TEST CLOCK  ", .bad) }
    let isCurrent = view.disconnected == nil && now - feed.at <= Self.staleAfter
    line.add("riskd ", .faint)
    line.add(isCurrent ? "up" : "no news", isCurrent ? .good : .bad)
    for hub in feed.service.stream.hubs {
      line.add("  \(hub.name) ", .faint)
      line.add(lamp(isCurrent ? hub.isConnected : nil))
    }
    if let session = account?.session { line.add(hours(session)) }
    let isNarrow = columns < Self.wide
    line.add(isNarrow ? "  clock " : "  clocked ", .faint)
    if feed.clock.clockedInAt != nil {
      line.add("\(isNarrow ? "" : "in ")\(Wording.duration(feed.clock.today(at: now)))")
    } else {
      line.add("out")
    }
    let keys = isNarrow ? "? keys Q quit " : "? keys  I/O clock in/out  Q quit "
    line = line.clipped(to: max(0, columns - keys.count - 1))
    line.pad(to: columns - keys.count)
    return line.adding(keys, .faint)
  }

  /// From here on there is room for more words.
  private static let wide = 100

  private func hours(_ session: SessionReport) -> ScreenLine {
    let style: ScreenStyle = session.isInside ? .good : .warning
    guard session.isOfExchange == true else {
      return ScreenLine("  session ", .faint).adding(session.isInside ? "inside" : "outside", style)
    }
    return ScreenLine("  exchange ", .faint).adding(session.isInside ? "open" : "closed", style)
  }

  private func lamp(_ isConnected: Bool?) -> ScreenLine {
    switch isConnected {
    case true?: ScreenLine("up", .good)
    case false?: ScreenLine("DOWN", .bad)
    case nil: ScreenLine(Wording.unknown, .warning)
    }
  }

  func title(_ text: String) -> ScreenLine { ScreenLine(text, .strong) }

  /// A name and a value, in columns.
  func entry(_ name: String, _ value: ScreenLine) -> ScreenLine {
    var line = ScreenLine("  \(name)", .faint)
    line.pad(to: 22)
    line.add(value)
    return line
  }

  func entry(_ name: String, _ value: String, _ style: ScreenStyle = .plain) -> ScreenLine {
    entry(name, ScreenLine(value, style))
  }

  func indented(_ lines: [ScreenLine]) -> [ScreenLine] {
    lines.map { line in
      var indented = ScreenLine("  ")
      indented.add(line)
      return indented
    }
  }
}
