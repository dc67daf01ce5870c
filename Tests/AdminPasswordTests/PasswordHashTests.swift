import AdminPassword
import Glibc
import Testing

@Suite struct PasswordHashTests {
  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test func `a hash is bcrypt, salted, and fits its password alone`() throws {
    let hash = try PasswordHash.make(bytes("correct horse"), cost: 10)
    #expect(hash.hasPrefix("$2b$10$"))
    #expect(hash.utf8.count == 60)
    #expect(PasswordHash.verify(bytes("correct horse"), against: hash))
    #expect(!PasswordHash.verify(bytes("correct horsf"), against: hash))
    #expect(!PasswordHash.verify(bytes("correct horse "), against: hash))
    #expect(try PasswordHash.make(bytes("correct horse"), cost: 10) != hash)
  }

  @Test(arguments: [
    ("short", PasswordError.tooShort(least: 8)),
    (String(repeating: "x", count: 73), .tooLong(most: 72)), ("with\u{0}null", .holdsNull),
  ])
  func `passwords that bcrypt would not take whole are refused`(
    password: String, error: PasswordError
  ) throws {
    #expect(throws: error) { try PasswordHash.make(bytes(password), cost: 10) }
    let hash = try PasswordHash.make(bytes("some password"), cost: 10)
    #expect(!PasswordHash.verify(bytes(password), against: hash))
    #expect(!"\(error)".isEmpty)
  }

  @Test func `the longest password counts to its last byte`() throws {
    let password = [UInt8](repeating: 0xC3, count: 72)
    let hash = try PasswordHash.make(password, cost: 10)
    #expect(PasswordHash.verify(password, against: hash))
    #expect(!PasswordHash.verify(password.dropLast() + [0xC4], against: hash))
  }

  @Test(arguments: [9, 15, 0, -1]) func `costs outside of the range are refused`(cost: Int) {
    #expect(throws: PasswordError.costOutOfRange(10...14)) {
      try PasswordHash.make(bytes("some password"), cost: cost)
    }
  }

  @Test(arguments: [
    "", "x", "$2b$", "$2b$10$short", "*0", "$6$salt$hash", "$2b$99$abcdefghijklmnop",
  ])
  func `what is no hash fits nothing`(hash: String) {
    #expect(!PasswordHash.verify(bytes("some password"), against: hash))
  }

  @Test func `a password is read up to the end of its line`() {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    _ = "a secret\nrest".withCString { write(ends[1], $0, 13) }
    #expect(PasswordPrompt.line(from: ends[0]) == bytes("a secret"))
    close(ends[1])
    #expect(PasswordPrompt.line(from: ends[0]) == bytes("rest"))
    #expect(PasswordPrompt.line(from: ends[0]).isEmpty)
    close(ends[0])
  }
}
