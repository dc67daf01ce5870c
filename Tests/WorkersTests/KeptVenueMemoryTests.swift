import Foundation
import GatewayRole
import Logging
import RiskModel
import RiskTestKit
import Testing

@testable import Workers

@Suite struct KeptVenueMemoryTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "riskd-venue-memory-\(UUID().uuidString)")
  private var tokenFile: String { folder.appendingPathComponent("tokens.enc").path }
  private var file: String { folder.appendingPathComponent(KeptVenueMemory.fileName).path }

  private func kept(owner: String = "https://venue user") -> KeptVenueMemory {
    KeptVenueMemory(
      beside: tokenFile, owner: owner,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private var memory: VenueMemory {
    var memory = VenueMemory()
    memory.accounts = [
      .init(id: AccountID(1001), platformName: "SIM", at: Instant(secondsSinceEpoch: 5))
    ]
    memory.contracts = [
      ContractSpecification(
        id: Sample.mnq, name: "MNQZ5", tickSize: .init(points: 1), tickValue: .init(dollars: 1))
    ]
    memory.contractsAt = Instant(secondsSinceEpoch: 6)
    return memory
  }

  private func inFolder(_ body: () throws -> Void) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body()
  }

  @Test func `what one keeps the next one knows`() throws {
    try inFolder {
      #expect(kept().load() == nil)
      kept().save(memory)
      #expect(kept().load() == memory)
      let attributes = try FileManager.default.attributesOfItem(atPath: file)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
      let text = try String(contentsOfFile: file, encoding: .utf8)
      #expect(!text.contains("user"))
    }
  }

  @Test func `what belongs to another user of the venue is not used`() throws {
    try inFolder {
      kept().save(memory)
      #expect(kept(owner: "https://venue other").load() == nil)
    }
  }

  @Test(arguments: ["", "{}", "{\"format\":1,\"owner\":", "[]"])
  func `a file that makes no sense is as good as none`(text: String) throws {
    try inFolder {
      kept().save(memory)
      try text.write(toFile: file, atomically: false, encoding: .utf8)
      #expect(kept().load() == nil)
      kept().save(memory)
      #expect(kept().load() == memory)
    }
  }

  @Test func `a file of another format or open to others is not used`() throws {
    try inFolder {
      kept().save(memory)
      let text = try String(contentsOfFile: file, encoding: .utf8)
      try text.replacingOccurrences(of: "\"format\":1", with: "\"format\":2").write(
        toFile: file, atomically: false, encoding: .utf8)
      #expect(kept().load() == nil)
      kept().save(memory)
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
      #expect(kept().load() == nil)
    }
  }

  @Test func `where nothing can be written nothing is kept`() {
    kept().save(memory)
    #expect(kept().load() == nil)
  }
}
