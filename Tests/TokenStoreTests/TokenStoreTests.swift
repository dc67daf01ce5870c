import Foundation
import Glibc
import Testing
import VenueAPI

@testable import TokenStore

/// A folder of its own, removed with what is in it.
final class StoreFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/token-store-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var file: String { path + "/tokens.enc" }
  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }

  func store(key: UInt8 = 7, owner: String = "demo") -> TokenStore {
    TokenStore(path: file, key: (0..<32).map { $0 &+ key }, owner: owner)
  }

  var bytes: [UInt8] {
    FileManager.default.contents(atPath: file).map(Array.init) ?? []
  }

  func write(_ bytes: [UInt8], mode: mode_t = 0o600) {
    _ = FileManager.default.createFile(atPath: file, contents: Data(bytes))
    chmod(file, mode)
  }
}

@Suite struct TokenStoreTests {
  private let token = VenueToken("eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3ODcxNTAwMDB9.c2lnbmF0dXJl")

  @Test func `what is stored is read again, by another process's store too`() throws {
    let folder = try StoreFolder()
    #expect(try folder.store().load() == nil)
    try folder.store().save(token)
    #expect(try folder.store().load() == token)
    let next = VenueToken("another.token.text")
    try folder.store().save(next)
    #expect(try folder.store().load() == next)
    #expect(folder.names == ["tokens.enc"])
  }

  @Test func `the file is the owner's alone and shows nothing`() throws {
    let folder = try StoreFolder()
    let before = umask(0)
    try folder.store().save(token)
    umask(before)
    var status = stat()
    #expect(stat(folder.file, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    let text = String(decoding: folder.bytes, as: UTF8.self)
    #expect(text.hasPrefix("RISKDTK1"))
    #expect(token.revealed.split(separator: ".").allSatisfy { !text.contains($0) })
    #expect(folder.bytes.count == 8 + 12 + token.revealed.utf8.count + 16)
  }

  @Test func `every write has a nonce of its own`() throws {
    let folder = try StoreFolder()
    var nonces: Set<[UInt8]> = []
    var texts: Set<[UInt8]> = []
    for _ in 0..<20 {
      try folder.store().save(token)
      nonces.insert(Array(folder.bytes[8..<20]))
      texts.insert(Array(folder.bytes[20...]))
    }
    #expect(nonces.count == 20 && texts.count == 20)
  }

  @Test func `a changed byte anywhere is found out`() throws {
    let folder = try StoreFolder()
    try folder.store().save(token)
    let good = folder.bytes
    for index in good.indices {
      var bad = good
      bad[index] ^= 1
      folder.write(bad)
      #expect(throws: TokenStoreError.undecryptable(path: folder.file)) {
        try folder.store().load()
      }
    }
    for length in [0, 8, 20, 36, good.count - 1] {
      folder.write(Array(good[..<length]))
      #expect(throws: TokenStoreError.undecryptable(path: folder.file)) {
        try folder.store().load()
      }
    }
    folder.write(good)
    #expect(try folder.store().load() == token)
    folder.store().discard()
    #expect(try folder.store().load() == nil)
  }

  @Test func `another key and another user do not open it`() throws {
    let folder = try StoreFolder()
    try folder.store().save(token)
    for stranger in [folder.store(key: 8), folder.store(owner: "other"), folder.store(owner: "")] {
      #expect(throws: TokenStoreError.undecryptable(path: folder.file)) { try stranger.load() }
    }
  }

  @Test func `a file that is too long is not read`() throws {
    let folder = try StoreFolder()
    folder.write([UInt8](repeating: 1, count: 20_000))
    #expect(throws: TokenStoreError.undecryptable(path: folder.file)) {
      try folder.store().load()
    }
  }

  @Test(arguments: [mode_t(0o640), 0o604, 0o660, 0o644, 0o666, 0o601])
  func `a file that is open to others is refused and replaced by the next write`(
    mode: mode_t
  ) throws {
    let folder = try StoreFolder()
    try folder.store().save(token)
    chmod(folder.file, mode)
    #expect(
      throws: TokenStoreError.openToOthers(path: folder.file, mode: UInt32(mode))
    ) { try folder.store().load() }
    try folder.store().save(token)
    #expect(try folder.store().load() == token)
  }

  @Test func `a link, a folder and a pipe are no store`() throws {
    let folder = try StoreFolder()
    let other = folder.path + "/other"
    _ = FileManager.default.createFile(atPath: other, contents: Data())
    symlink(other, folder.file)
    #expect(
      throws: TokenStoreError.systemCall(name: "open", path: folder.file, code: ELOOP)
    ) { try folder.store().load() }
    unlink(folder.file)
    mkfifo(folder.file, 0o600)
    #expect(throws: TokenStoreError.notARegularFile(path: folder.file)) {
      try folder.store().load()
    }
    unlink(folder.file)
    mkdir(folder.file, 0o700)
    #expect(throws: TokenStoreError.notARegularFile(path: folder.file)) {
      try folder.store().load()
    }
    #expect(throws: TokenStoreError.self) { try folder.store().save(token) }
    #expect(folder.names == ["other", "tokens.enc"])
  }

  @Test func `a file of another user is refused`() throws {
    try #require(geteuid() == 0 || getenv("CI") == nil, "only root can give a file away")
    guard geteuid() == 0 else { return }
    let folder = try StoreFolder()
    try folder.store().save(token)
    chown(folder.file, 12_345, 12_345)
    #expect(throws: TokenStoreError.foreignOwner(path: folder.file)) { try folder.store().load() }
  }

  @Test func `what a writer left behind when it died is in nobody's way`() throws {
    let folder = try StoreFolder()
    _ = FileManager.default.createFile(
      atPath: "\(folder.file).\(getpid()).new", contents: Data([1, 2, 3]))
    try folder.store().save(token)
    #expect(try folder.store().load() == token)
    #expect(folder.names == ["tokens.enc"])
  }

  @Test func `a folder that is not there is an error`() throws {
    let store = TokenStore(
      path: "/nonexistent/tokens.enc", key: [UInt8](repeating: 9, count: 32), owner: "demo")
    #expect(try store.load() == nil)
    #expect(throws: TokenStoreError.self) { try store.save(token) }
    #expect(throws: TokenStoreError.self) { try store.tryLock() }
  }

  @Test func `one process at a time asks for a new token`() throws {
    let folder = try StoreFolder()
    let first = try #require(try folder.store().tryLock())
    #expect(try folder.store().tryLock() == nil)
    first.release()
    let second = try #require(try folder.store().tryLock())
    second.release()
  }

  @Test func `errors say what to mend and nothing of the token`() {
    let errors: [TokenStoreError] = [
      .openToOthers(path: "/x", mode: 0o644), .foreignOwner(path: "/x"),
      .notARegularFile(path: "/x"), .undecryptable(path: "/x"),
      .systemCall(name: "open", path: "/x", code: 13),
    ]
    #expect(Set(errors.map(\.description)).count == errors.count)
    #expect(errors.allSatisfy { $0.description.contains("/x") })
    #expect(errors[0].description.contains("644"))
  }

  @Test func `texts of every length come back`() {
    let seal = SealedText(key: [UInt8](repeating: 5, count: 32), owner: [1, 2])
    for length in [1, 15, 16, 17, 600] {
      let text = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
      #expect(seal.open(seal.seal(text)) == text)
    }
  }
}
