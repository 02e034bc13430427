package validate

import (
	"strconv"

	"github.com/tidwall/gjson"
)

// The roles of a group's members.
const (
	member = 20
	admin  = 60
	owner  = 100
)

// role is a roleLevel that a reply gives, and where.
type role struct {
	pointer string
	level   int64
}

// roles is what a list of members does to the group's owner.
type roles struct {
	// first is the role of the first of several who join: when a group is
	// created, its owner.
	first role
	// owners point at the roles that make others an owner.
	owners []string
}

// note takes the role of a member who joins.
func (r *roles) note(pointer, number string, first bool) {
	level, _ := strconv.ParseInt(number, 10, 64) // the decoder has taken it
	switch {
	case first:
		r.first = role{pointer, level}
	case level == owner:
		r.owners = append(r.owners, pointer)
	}
}

// lost is the role that may take a group from its owner; "" for pointer: none
// does.
func (r *roles) lost() role {
	if len(r.owners) == 0 && r.first.takes() {
		return r.first
	}
	return role{}
}

// takes reports whether the role is that of somebody who owns no group.
func (r role) takes() bool { return r.level == member || r.level == admin }

// ownRole is the role that a reply about one member gives.
func (p *pass) ownRole() role {
	if value := p.own(roleLevel.name); value.Type == gjson.Number {
		return role{"/" + roleLevel.name, value.Int()}
	}
	return role{}
}

// joinsEach reports whether this version sends a call for each member who joins.
func (p *pass) joinsEach() bool {
	return p.judge.handler.members != "" && p.field(p.judge.handler.members) == 0
}
