import Glibc
import RiskTestKit
import Settings
import Testing

@testable import Workers

@Suite struct TokenPlaceTests {
  @Test func `in the database's folder the store gets a folder of its own and a link`() throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    let (settings, _) = try root.settings()
    let file = TokenPlace.file(settings, root: root.path)
    #expect(file == root.folder.file("data/tokens/tokens.enc"))
    #expect(TokenPlace.prepare(settings, root: root.path) == nil)
    #expect(TokenPlace.prepare(settings, root: root.path) == nil)
    let number = open(file, O_WRONLY | O_CREAT, 0o600)
    #expect(number >= 0)
    close(number)
    var status = stat()
    #expect(stat(root.folder.file("data/tokens.enc"), &status) == 0)
    #expect(stat(root.folder.file("data/tokens"), &status) == 0)
    #expect(status.st_mode & 0o777 == 0o700)
  }

  @Test func `a store that was there moves`() throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    let (settings, _) = try root.settings()
    let old = root.folder.file("data/tokens.enc")
    let number = open(old, O_WRONLY | O_CREAT, 0o600)
    #expect(write(number, "x", 1) == 1)
    close(number)
    #expect(TokenPlace.prepare(settings, root: root.path) == nil)
    var status = stat()
    #expect(lstat(old, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    #expect(stat(old, &status) == 0 && status.st_size == 1)
  }

  @Test func `elsewhere it stays where it is configured to be`() throws {
    let root = try WorkerRoot()
    defer { root.folder.remove() }
    var (settings, _) = try root.settings()
    settings.venue.token.storePath = "/srv/riskd/tokens.enc"
    #expect(TokenPlace.file(settings, root: root.path) == "/srv/riskd/tokens.enc")
    #expect(TokenPlace.prepare(settings, root: root.path) == nil)
  }
}
