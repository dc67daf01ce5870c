import GatewayRole
import HubProtocol
import ProcessControl
import RiskModel
import RiskRules
import Settings
import Supervision
import Testing

@testable import Workers

/// Switches and times of config.yaml that change what the workers do.
@Suite struct SwitchTests {
  private func settings(_ lines: String = "") throws -> (RiskdSettings, VenueCredentials) {
    let bench = try EdgeBench(mainLines: lines)
    defer { bench.close() }
    return (bench.briefing.settings, bench.credentials)
  }

  @Test func `a hub is asked as the health of the streams says`() throws {
    var health = try settings().0.venue.health
    health.isEnabled = true
    health.pingTimeout = .seconds(4)
    health.probeInterval = .seconds(3)
    #expect(HubLimits(health).probeInterval == .seconds(3))
    #expect(HubLimits(health).probeTimeout == .seconds(4))
    health.isEnabled = false
    #expect(HubLimits(health).probeInterval == nil)
    #expect(HubLimits(health).serverTimeout == health.serverTimeout)
  }

  @Test func `switches of the streams, the comparison and development reach the gateway`() throws {
    var (settings, credentials) = try settings()
    let plain = GatewaySettings(settings, credentials)
    #expect(plain.isUserHubEnabled && plain.watchesSilence && plain.readsAfterReconnection)
    #expect(!plain.logsRawEvents)
    settings.venue.userHub.isEnabled = false
    settings.venue.health.isEnabled = false
    settings.venue.reconciliation.onReconnect = false
    settings.development.savesRawEvents = true
    let changed = GatewaySettings(settings, credentials)
    #expect(!changed.isUserHubEnabled && !changed.watchesSilence)
    #expect(!changed.readsAfterReconnection && changed.logsRawEvents)
  }

  @Test func `the times of a stop are the supervisor's`() throws {
    var (settings, _) = try settings()
    settings.system.shutdownGrace = .seconds(7)
    settings.system.forceKillAfter = .seconds(21)
    let supervision = SupervisionSettings(settings)
    #expect(supervision.drainDeadline == .seconds(7))
    #expect(supervision.forceKillAfter == .seconds(21))
  }

  @Test func `a change reaches the worker that it concerns`() throws {
    let (settings, credentials) = try settings()
    func affected(
      _ change: (inout RiskdSettings) -> Void
    ) -> (workers: Set<WorkerName>, restart: [String]) {
      var changed = settings
      change(&changed)
      let difference = ConfigurationChange(
        old: RunningSettings(settings: settings, credentials: credentials),
        new: RunningSettings(settings: changed, credentials: credentials))
      return (difference.affected, difference.needsRestart)
    }
    #expect(affected { $0.orders.verifies = false }.workers == [.enforcer])
    #expect(affected { $0.cacheBytes = 1_000_000 }.workers == [.evaluator])
    #expect(affected { $0.system.shutdownGrace = .seconds(3) }.restart == ["system.shutdown"])
    #expect(affected { $0.system.forceKillAfter = .seconds(31) }.restart == ["system.shutdown"])
    let hours = affected { settings in
      for index in settings.accounts.indices {
        settings.accounts[index].rules.marketHours.close = TimeOfDay(hour: 15, minute: 0)
      }
    }
    #expect(hours.workers == [.gateway, .evaluator])
  }

  @Test func `a profile is told from time to time`() throws {
    let bench = try EdgeBench()
    defer { bench.close() }
    let profile = WorkProfile(bench.reactor, bench.logger, every: .milliseconds(1))
    profile.start()
    bench.turn { bench.logged("Profile: ") >= 2 }
    #expect(bench.logged("µs of processor time in") >= 2)
  }
}
