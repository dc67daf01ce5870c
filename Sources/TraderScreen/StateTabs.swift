import RiskModel
import TraderFeed

/// riskd itself, its ways to the venue and its database.
struct ConnectionsTab {
  let screen: TraderScreen
  let feed: TraderFeed

  private var wording: Wording { screen.wording }
  private var service: ServiceReport { feed.service }
  private var stream: StreamReport { feed.service.stream }

  var lines: [ScreenLine] {
    riskd + [ScreenLine()] + venue + [ScreenLine()] + database
  }

  private var riskd: [ScreenLine] {
    var lines = [
      screen.title("riskd"), screen.entry("status", status),
      screen.entry("release", service.release ?? Wording.unknown),
      screen.entry(
        "up for",
        service.startedAt.map { Wording.duration(screen.now - $0) }
          ?? Wording.unknown),
      screen.entry("last heard", "\(wording.age(feed.at)) ago"),
    ]
    if let clock = service.testClock {
      let thousandths = String(clock.ratePerMille % 1_000 + 1_000).dropFirst()
      lines.append(
        screen.entry(
          "TEST CLOCK", "\(clock.ratePerMille / 1_000).\(thousandths) times as fast", .bad))
    }
    for worker in service.workers {
      var value = ScreenLine("heard \(worker.heardAt.map { "\(wording.age($0)) ago" } ?? "never")")
      if let problem = worker.problem { value.add("  \(problem)", .bad) }
      lines.append(screen.entry(worker.name, value))
    }
    return lines
  }

  private var status: ScreenLine {
    guard let status = service.status else { return ScreenLine(Wording.unknown, .warning) }
    let label = status.prefix { $0 != ":" }
    var line = ScreenLine(String(label), label == "RUNNING" ? .good : .bad)
    line.add(String(status.dropFirst(label.count)))
    return line
  }

  private var venue: [ScreenLine] {
    var lines = [screen.title("Venue")]
    for hub in stream.hubs {
      let since = hub.since.map { " since \(wording.moment($0))" } ?? ""
      switch hub.isConnected {
      case true?: lines.append(screen.entry("\(hub.name) hub", "connected\(since)", .good))
      case false?: lines.append(screen.entry("\(hub.name) hub", "NOT connected\(since)", .bad))
      case nil: lines.append(screen.entry("\(hub.name) hub", Wording.unknown, .warning))
      }
    }
    lines.append(screen.entry("token valid until", token))
    lines.append(screen.entry("events", "\(stream.events)"))
    for (name, at) in [
      ("last event", stream.lastEventAt), ("last trade", stream.lastTradeAt),
      ("last quote", stream.lastQuoteAt),
    ] {
      let text = at.map { "\(wording.moment($0)), \(wording.age($0)) ago" } ?? "none known"
      lines.append(screen.entry(name, text))
    }
    return lines
  }

  private var token: ScreenLine {
    guard let end = service.tokenValidUntil else { return ScreenLine(Wording.unknown, .warning) }
    guard end > screen.now else { return ScreenLine("\(wording.moment(end)), EXPIRED", .bad) }
    return ScreenLine("\(wording.moment(end)), \(Wording.countdown(end - screen.now)) left")
  }

  private var database: [ScreenLine] {
    guard let database = service.database else {
      return [screen.title("Database"), screen.entry("state", Wording.unknown, .warning)]
    }
    let size = database.bytes.map { "\(($0 + 524_288) / 1_048_576) MB" } ?? Wording.unknown
    return [
      screen.title("Database"), screen.entry("file", database.path), screen.entry("size", size),
      screen.entry(
        "last write", stream.lastWriteAt.map { "\(wording.age($0)) ago" } ?? Wording.unknown),
    ]
  }
}

/// The sessions of today and the days after it.
struct HolidaysTab {
  let screen: TraderScreen
  let account: AccountReport

  private var wording: Wording { screen.wording }

  var lines: [ScreenLine] {
    let reset = screen.entry(
      "daily reset",
      "\(wording.moment(account.dayEndsAt)), in "
        + Wording.countdown(account.dayEndsAt - screen.now))
    guard let session = account.session else {
      return [screen.title("The hours of the exchange are not known"), reset]
    }
    let title =
      session.isOfExchange == true ? "Hours of the exchange; no rule keeps hours" : "Session"
    return [
      screen.title(title), screen.entry("now", state(of: session)), reset,
      screen.entry("next holiday", day(session.nextHoliday)),
      screen.entry("next early close", day(session.nextEarlyClose)), ScreenLine(),
    ] + days(of: session)
  }

  private func day(_ day: SessionReport.Day?) -> String {
    guard let day else { return "none in the calendar" }
    let isThisYear = day.date.year == wording.zone.localTime(of: screen.now).date.year
    let date = Wording.day(day.date) + (isThisYear ? "" : " \(day.date.year)")
    return day.closes.map { "\(date), closes \(wording.shortTime($0))" } ?? date
  }

  private func state(of session: SessionReport) -> ScreenLine {
    let isOfExchange = session.isOfExchange == true
    let words = isOfExchange ? ("open", "closed") : ("inside", "OUTSIDE")
    var line = ScreenLine(
      session.isInside ? words.0 : words.1, session.isInside ? .good : .warning)
    if let change = session.changesAt {
      line.add(session.isInside ? isOfExchange ? ", closes " : ", ends " : ", opens ")
      line.add("\(wording.moment(change)), in \(Wording.countdown(change - screen.now))")
    }
    return line
  }

  private func days(of session: SessionReport) -> [ScreenLine] {
    var table = TextTable(["DAY", "OPENS", "CLOSES", "NOTE"])
    let today = wording.zone.localTime(of: screen.now).date
    for day in session.days {
      table.rows.append([
        .init(Wording.day(day.date), day.date == today ? .strong : .plain),
        .init(day.opens.map(wording.shortTime) ?? "closed", day.opens == nil ? .warning : .plain),
        .init(day.closes.map(wording.shortTime) ?? "-"),
        .init(
          [day.date == today ? "today" : nil, day.note].compactMap(\.self)
            .joined(separator: ", ")),
      ])
    }
    return table.lines(width: screen.columns)
  }
}

/// What is locked, until when and why; and what was.
struct LockoutsTab {
  let screen: TraderScreen
  let account: AccountReport

  private var wording: Wording { screen.wording }

  var lines: [ScreenLine] { active + [ScreenLine()] + ended }

  var active: [ScreenLine] {
    guard !account.lockouts.isEmpty else { return [ScreenLine("Not locked", .good)] }
    return account.lockouts.flatMap { lockout -> [ScreenLine] in
      var head = ScreenLine("LOCKED ", .bad)
      head.add(lockout.rule.title(nil), .strong)
      head.add("  since \(wording.moment(lockout.since)), ")
      if let end = lockout.endsAt { head.add("until \(wording.moment(end)), ") }
      head.add(screen.rest(of: lockout), .bad)
      let reentries =
        lockout.reentries > 0 ? "; exposure came back against it: \(lockout.reentries)" : ""
      return [
        head, ScreenLine("  \(lockout.reason)"),
        ScreenLine("  \(lockout.means)\(reentries)", .faint),
      ]
    }
  }

  private var ended: [ScreenLine] {
    guard !account.endedLockouts.isEmpty else { return [ScreenLine("No earlier lockouts", .faint)] }
    var table = TextTable(["ENDED", "RULE", "HOW", "REASON"])
    for lockout in account.endedLockouts {
      table.rows.append([
        .init(lockout.endedAt.map(wording.moment) ?? "-"), .init(lockout.rule.title(nil)),
        .init(lockout.ending ?? ""), .init(lockout.reason, .faint),
      ])
    }
    return table.lines(width: screen.columns)
  }
}

/// What riskd did and why.
struct EnforcementTab {
  let screen: TraderScreen
  let account: AccountReport

  var lines: [ScreenLine] {
    let totals = account.totals
    var line = ScreenLine("Today", .strong)
    for (name, count) in [
      ("actions", totals.actions), ("closes", totals.closes), ("cancels", totals.cancels),
      ("lockouts", totals.lockouts),
    ] {
      line.add("   \(name) ", .faint)
      line.add("\(count)")
    }
    if let since = totals.since { line.add("   since \(screen.wording.moment(since))", .faint) }
    return [line, ScreenLine()] + events
  }

  private var events: [ScreenLine] {
    guard !account.events.isEmpty else { return [ScreenLine("Nothing happened yet", .faint)] }
    var table = TextTable(["TIME", "RULE", "WHAT", "WHY"])
    for event in account.events {
      table.rows.append([
        .init(screen.wording.moment(event.at)), .init(event.rule?.rawValue ?? "-"),
        .init(event.what, event.kind.style), .init(event.why, .faint),
      ])
    }
    return table.lines(width: screen.columns)
  }
}

extension EventReport.Kind {
  var style: ScreenStyle {
    switch self {
    case .breach, .reentry, .failing: .bad
    case .proven: .good
    case .lockout: .warning
    case .action, .dailyReset, .notice: .plain
    }
  }
}
