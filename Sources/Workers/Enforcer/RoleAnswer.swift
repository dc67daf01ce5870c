import EnforcerRole

/// What the enforcer's role calls an answer; the venue's API has another type of that name.
typealias RoleAnswer = VenueAnswer
