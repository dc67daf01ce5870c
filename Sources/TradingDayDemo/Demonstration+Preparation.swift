import Glibc
import ProcessControl
import RiskModel
import SimulatedVenue

// Everything that must be there before the demonstration can begin.
extension Demonstration {
  /// Gives the demonstration and returns when everything is stopped and removed. `write` takes the
  /// text and answers `false` when nobody reads it any more, which ends the demonstration.
  package static func give(
    _ options: DemoOptions, write: @escaping (String) -> Bool
  ) -> DemoOutcome {
    do throws(DemoError) {
      return try prepared(options, write)
    } catch {
      _ = write("risksim demo: \(error)\n")
      return .environment
    }
  }

  private static func prepared(
    _ options: DemoOptions, _ write: @escaping (String) -> Bool
  ) throws(DemoError) -> DemoOutcome {
    guard access(options.riskd, X_OK) == 0 else {
      throw .unreadable(
        path: options.riskd, problem: "there is no riskd; build it, or name one with --riskd")
    }
    let root = try DemoRoot(configuration: options.configuration)
    defer { root.remove() }
    let (reactor, pending) = try makeReactor(options)
    let venue = try makeVenue()
    defer { venue.stop() }
    let day = try readDay(options.scenario, venue)
    let demonstration = try Demonstration(
      options, reactor: reactor, venue: venue, day: day, root: root, write: write)
    return demonstration.run(pending)
  }

  /// Signals are blocked before the venue starts its thread.
  private static func makeReactor(
    _ options: DemoOptions
  ) throws(DemoError) -> (Reactor, PendingSignals) {
    do throws(ProcessControlError) {
      let reactor = try Reactor()
      let pending = PendingSignals()
      guard options.handlesSignals else { return (reactor, pending) }
      try SignalSource.ignore(SIGPIPE)
      pending.source = try SignalSource([SIGINT, SIGTERM, SIGHUP], on: reactor) { arrival in
        pending.handler(arrival.number)
      }
      return (reactor, pending)
    } catch {
      throw .riskd("cannot be watched: \(error)")
    }
  }

  private static func makeVenue() throws(DemoError) -> SimulatedVenueServer {
    var configuration = SimulatedVenueConfiguration()
    configuration.clockOffset = VenueTime.offset(at: SystemClock().now())
    configuration.gateway.requestLimit = .documented
    do throws(SimulatedVenueError) {
      return try SimulatedVenueServer.start(configuration)
    } catch {
      throw .venue("\(error)")
    }
  }

  private static func readDay(
    _ path: String, _ venue: SimulatedVenueServer
  ) throws(DemoError) -> TradingDay {
    let exchange = venue.perform { exchange in exchange }
    let scenario: Scenario
    do throws(SimulatedVenueError) {
      scenario = try Scenario.read(file: path, for: exchange)
    } catch {
      throw .venue("\(error)")
    }
    return try TradingDay(scenario, source: path)
  }
}

/// Where signals go; they are taken before there is a demonstration.
final class PendingSignals {
  var source: SignalSource?
  var handler: (Int32) -> Void = { _ in }
}
