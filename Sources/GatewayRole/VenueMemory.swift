package import RiskModel

/// What one gateway leaves to the next, so that a start asks the venue for little.
///
/// Nothing in it is believed for long: a remembered account is compared with the venue's list by
/// its first read, and the contracts are read again when they are half a day old.
package struct VenueMemory: Equatable, Sendable, Codable {
  /// An account that the venue listed as it is configured.
  package struct VerifiedAccount: Equatable, Sendable, Codable {
    package var id: AccountID
    package var platformName: String
    package var at: Instant

    package init(id: AccountID, platformName: String, at: Instant) {
      self.id = id
      self.platformName = platformName
      self.at = at
    }
  }

  package var accounts: [VerifiedAccount] = []
  /// The venue's catalogue, and when it was read.
  package var contracts: [ContractSpecification] = []
  package var contractsAt: Instant?

  package init() {}

  /// From a reading to the moment from which it is not used any more.
  static let lifetime = TimeSpan.seconds(86_400)
  /// The age at which the catalogue is read again.
  static let refreshAge = TimeSpan.seconds(43_200)

  /// Whether what was read then may still be used. A clock that was set back makes it unknown.
  static func isFresh(_ readAt: Instant, at now: Instant) -> Bool {
    readAt <= now && now - readAt < lifetime
  }

  func vouches(for account: ConfiguredAccount, at now: Instant) -> Bool {
    accounts.contains {
      $0.id == account.id && $0.platformName == account.platformName
        && VenueMemory.isFresh($0.at, at: now)
    }
  }

  /// An account was found in the venue's list. True when that is worth writing down.
  mutating func verified(_ account: ConfiguredAccount, at now: Instant) -> Bool {
    let known = accounts.first { $0.id == account.id }
    if let known, known.platformName == account.platformName,
      VenueMemory.isFresh(known.at, at: now), now - known.at < VenueMemory.refreshAge
    {
      return false
    }
    accounts.removeAll { $0.id == account.id }
    let place = accounts.firstIndex { $0.id > account.id } ?? accounts.endIndex
    accounts.insert(
      VerifiedAccount(id: account.id, platformName: account.platformName, at: now), at: place)
    return true
  }

  /// An account is not what it was. True when it was remembered.
  mutating func forget(_ account: AccountID) -> Bool {
    let count = accounts.count
    accounts.removeAll { $0.id == account }
    return accounts.count < count
  }
}

/// Keeps what a gateway learned of the venue beyond its own life.
package protocol GatewayMemory: AnyObject {
  /// `nil` where nothing was kept, or it cannot be used.
  func load() -> VenueMemory?
  func save(_ memory: VenueMemory)
}

/// Keeps nothing.
package final class NoMemory: GatewayMemory {
  package init() {}
  package func load() -> VenueMemory? { nil }
  package func save(_ memory: VenueMemory) {}
}
