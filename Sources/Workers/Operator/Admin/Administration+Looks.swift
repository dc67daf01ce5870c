import AdminConsole
import Checklist
package import ControlPlane
import Glibc
import ProcessControl
import RiskModel
import Settings
import Store
import Supervision
import TraderFeed
import VenueAPI

extension Administration {
  /// Whether everything that riskd needs can be reached: 1 when something cannot.
  package func testConnections() -> CommandOutcome {
    guard let (settings, credentials) = settings() else { return unusableConfiguration }
    var lines: [ConnectionLine] = []
    do {
      let venue = try VenueInquiry(root: root, settings: settings, credentials: credentials)
      defer { venue.close() }
      lines = venueLines(venue, settings)
    } catch {
      lines = [ConnectionLine("REST", isGood: false, "\(error)")]
    }
    lines.append(databaseLine(settings))
    lines.append(controlLine())
    let isGood = lines.allSatisfy(\.isGood)
    let failed = lines.filter { !$0.isGood }.map(\.subject).joined(separator: ", ")
    return recorded(
      "admin.test", ["failed": failed],
      CommandOutcome(isGood ? .yes : .no, output: ConnectionLine.table(lines)))
  }

  private func venueLines(_ venue: VenueInquiry, _ settings: RiskdSettings) -> [ConnectionLine] {
    let (outcome, time) = timed { venue.signIn() }
    let token: VenueToken
    switch outcome {
    case .token(let new): token = new
    case .credentialsRefused(let code):
      return [
        ConnectionLine("REST", isGood: false, milliseconds: time, "user or key refused (\(code))")
      ]
    case .failed(let error):
      return [ConnectionLine("REST", isGood: false, milliseconds: time, "\(error)")]
    }
    let end = token.expiresAt.map { "token until \(VenueTimestamp.secondText($0)) UTC" }
    var lines = [
      ConnectionLine("REST", isGood: true, milliseconds: time, end ?? "token of unknown end")
    ]
    for (name, hub) in [
      ("user hub", settings.venue.userHub), ("market hub", settings.venue.marketHub),
    ] {
      let (problem, time) = timed { venue.problem(ofHub: hub.endpoint.description, token: token) }
      lines.append(
        ConnectionLine(name, isGood: problem == nil, milliseconds: time, problem ?? "connected"))
    }
    let (reply, listTime) = timed {
      venue.answer(to: .accountSearch(onlyActive: true), token: token).decodeAccounts()
    }
    for wanted in settings.enabledAccounts {
      let subject = "account \(wanted.id)"
      switch reply {
      case .failure(let error):
        lines.append(
          ConnectionLine(subject, isGood: false, milliseconds: listTime, "\(error)"))
      case .success(let accounts):
        lines.append(accountLine(subject, wanted, accounts, listTime))
      }
    }
    return lines
  }

  private func accountLine(
    _ subject: String, _ wanted: AccountSettings, _ accounts: [Account], _ time: Int64
  ) -> ConnectionLine {
    guard let account = accounts.first(where: { $0.id == wanted.id }) else {
      return ConnectionLine(
        subject, isGood: false, milliseconds: time, "the venue does not list it")
    }
    guard account.name == wanted.platformName else {
      return ConnectionLine(
        subject, isGood: false, milliseconds: time, "the venue calls it \(account.name)")
    }
    let trading = account.canTrade == false ? "cannot trade now" : "can trade"
    return ConnectionLine(
      subject, isGood: true, milliseconds: time, "\(account.name), \(trading)")
  }

  private func databaseLine(_ settings: RiskdSettings) -> ConnectionLine {
    let name = settings.database.path
    let path = name.hasPrefix("/") ? name : "\(root)/\(name)"
    do throws(StoreError) {
      var found: DatabaseVerification?
      let start = clock.monotonicNow()
      found = try DatabaseVerification(path)
      let time = (clock.monotonicNow() - start).milliseconds
      let problems = found?.problems ?? []
      return ConnectionLine(
        "database", isGood: problems.isEmpty, milliseconds: time,
        problems.first ?? "schema v\(found?.version ?? 0), all tables present")
    } catch {
      return ConnectionLine("database", isGood: false, error.description)
    }
  }

  private func controlLine() -> ConnectionLine {
    do throws(ControlError) {
      let start = clock.monotonicNow()
      let reply = try authority.ask(.status, timeout: .seconds(5))
      let time = (clock.monotonicNow() - start).milliseconds
      switch reply {
      case .status(let report):
        return ConnectionLine(
          "control socket", isGood: true, milliseconds: time, "riskd is \(report.state.label)")
      case .error(let refusal):
        return ConnectionLine("control socket", isGood: false, refusal.text)
      default:
        return ConnectionLine("control socket", isGood: false, "riskd answered something else")
      }
    } catch {
      return ConnectionLine("control socket", isGood: false, error.description)
    }
  }

  private func timed<Value>(_ body: () -> Value) -> (Value, Int64) {
    let start = clock.monotonicNow()
    let value = body()
    return (value, (clock.monotonicNow() - start).milliseconds)
  }

  /// riskd, its connections, the accounts and what happened last.
  package func daemonStatus() -> CommandOutcome {
    let status = supervisorStatus()
    let feed = TraderLook.feed("\(root)/run/trader.sock")
    var sheet = DaemonSheet(
      state: status.map { "\($0.state.label), riskd \($0.releaseText)" } ?? "riskd does not run",
      workers: status.map(Self.workers) ?? [],
      connections: connections(feed.value?.service))
    switch feed {
    case .hidden(let reason): sheet.problem = reason
    case .seen(let feed): sheet.accounts = feed.accounts.map(line)
    }
    sheet.events = events(feed.value)
    return CommandOutcome(status?.state == .running ? .yes : .no, output: sheet.text)
  }

  /// The hubs and the token, in words.
  func connections(_ service: ServiceReport?) -> [String] {
    guard let service else { return [] }
    let hubs = service.stream.hubs.map { hub in
      let state =
        switch hub.isConnected {
        case true?: "connected"
        case false?: "NOT connected"
        case nil: "not known"
        }
      return "\(hub.name) hub \(state)"
    }
    let token = service.tokenValidUntil.map { "token until \(VenueTimestamp.secondText($0)) UTC" }
    return [hubs.joined(separator: ", ")].filter { !$0.isEmpty } + (token.map { [$0] } ?? [])
  }

  /// What one of them misses gets a line of its own.
  private static func workers(_ status: StatusReport) -> [String] {
    let names = status.workers.map { "\($0.name.rawValue) \($0.state.rawValue)" }
    return [names.joined(separator: ", ")]
      + status.workers.compactMap { worker in
        worker.degraded.map { "\(worker.name.rawValue): \($0)" }
      }
  }

  private func line(_ account: AccountReport) -> DaemonSheet.AccountLine {
    DaemonSheet.AccountLine(
      name: account.name ?? "\(account.id)", realized: account.realized, open: account.open,
      positions: account.positions.count, orders: account.orders.count + account.moreOrders,
      lockouts: account.lockouts.map { "\($0.rule.key) \($0.ends): \($0.reason)" })
  }

  /// What the accounts and the supervisor told, the newest last.
  private func events(_ feed: TraderFeed?) -> [String] {
    var events: [(at: Instant, text: String)] = []
    for account in feed?.accounts ?? [] {
      let name = account.name ?? "\(account.id)"
      events += account.events.map { event in
        let why = event.why.isEmpty ? "" : ": \(event.why)"
        return (event.at, "\(name): \(event.what)\(why)")
      }
    }
    if case .history(let entries)? = try? authority.ask(
      .history(limit: DaemonSheet.mostEvents), timeout: .seconds(5))
    {
      events += entries.compactMap { entry in
        VenueTimestamp.instant(entry.time).map { at in
          (at, entry.worker.map { "\($0.rawValue): \(entry.text)" } ?? entry.text)
        }
      }
    }
    return events.sorted { $0.at < $1.at }.suffix(DaemonSheet.mostEvents).map {
      "\(VenueTimestamp.secondText($0.at)) \($0.text)"
    }
  }
}
