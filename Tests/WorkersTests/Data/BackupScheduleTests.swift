import RiskModel
import RiskTestKit
import Settings
import Store
import Testing

@testable import Workers

/// `database.backup`.
@Suite struct BackupScheduleTests {
  private let folder = TemporaryFolder("riskd-backups")

  private func isMade(_ moment: Instant, _ settings: DatabaseSettings.Backup) -> Bool {
    let backups = BackupFolder(path: settings.directory)
    let outcome = BackupOutcome(
      backups, of: folder.file("risk_manager.db"), at: moment, settings)
    if case .made = outcome { return true }
    return false
  }

  @Test func `a backup is made when one is due, where it is wanted, and so many are kept`() throws {
    defer { folder.remove() }
    let store = try Store.open(path: folder.file("risk_manager.db"), now: Sample.morning)
    defer { try? store.close() }
    for (directory, interval, keepCount) in [
      ("daily", Int64(86_400), Int64(3)), ("hourly", 3_600, 2),
    ] {
      let settings = DatabaseSettings.Backup(
        isEnabled: true, interval: .seconds(interval), directory: folder.file(directory),
        keepCount: keepCount)
      #expect(isMade(Sample.morning, settings))
      #expect(!isMade(Sample.morning + .seconds(interval - 1), settings))
      for number in Int64(1)...5 {
        #expect(isMade(Sample.morning + .seconds(interval * number), settings))
      }
      #expect(BackupFolder(path: settings.directory).files.count == Int(keepCount))
      var off = settings
      off.isEnabled = false
      #expect(!isMade(Sample.morning + .seconds(interval * 9), off))
    }
  }
}
