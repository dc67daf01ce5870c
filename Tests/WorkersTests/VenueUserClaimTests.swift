import Foundation
import Glibc
import Testing

@testable import Workers

@Suite struct VenueUserClaimTests {
  private let owner = "https://venue.example \(UUID().uuidString)"

  @Test func `one riskd acts for a venue user, and the next only after it`() {
    guard case .claimed(let first) = VenueUserClaim.claim(owner) else {
      Issue.record("the claim is free")
      return
    }
    for attempt in 1...50 {
      guard case .taken(let process) = VenueUserClaim.claim(owner) else {
        Issue.record("the claim is taken, attempt \(attempt)")
        return
      }
      #expect(process == getpid())
    }
    guard case .claimed(let other) = VenueUserClaim.claim(owner + "b") else {
      Issue.record("another user's claim is free")
      return
    }
    first.release()
    guard case .claimed(let second) = VenueUserClaim.claim(owner) else {
      Issue.record("the claim is free again")
      return
    }
    second.release()
    other.release()
  }
}
