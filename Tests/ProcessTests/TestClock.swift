import Glibc
import RiskModel
import RiskTestKit
import SimulatedVenue

/// Another time of day for riskd. Tests/SystemTests/clock.c, loaded into its processes, adds to the
/// machine's what a file says; the machine's own clock stays as it is.
struct TestClock {
  private let path: String

  /// The clock of a stage that was set up with one.
  init(_ folder: TemporaryFolder) {
    path = folder.file("run/clock")
  }

  init(_ folder: TemporaryFolder, lead: TimeSpan) throws {
    self.init(folder)
    try set(lead: lead)
  }

  /// What riskd has to be started with.
  var environment: [String: String] {
    ["LD_PRELOAD": RiskdProgram.folder + "/libTestClock.so", "TEST_CLOCK": path]
  }

  /// In place, since running processes have it mapped. Whole seconds.
  func set(lead: TimeSpan) throws {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw StageFailure("\(path) cannot be written") }
    defer { close(descriptor) }
    var seconds = lead.nanos / Instant.nanosPerSecond
    guard pwrite(descriptor, &seconds, MemoryLayout.size(ofValue: seconds), 0) == 8 else {
      throw StageFailure("\(path) cannot be written")
    }
  }
}

extension RiskdStage {
  /// riskd's time of day, and the venue's with it unless it keeps its own, are this from now on.
  func setTime(_ moment: Instant, venueToo: Bool = true) throws {
    let lead = moment - StageClock.now()
    try TestClock(root.folder).set(lead: lead)
    guard venueToo else { return }
    let ahead = venue.time - StageClock.now()
    venue.shiftClock(by: lead - ahead)
  }
}
