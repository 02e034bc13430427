package validate

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
)

type five struct {
	ActionCode int32  `json:"actionCode"`
	ErrCode    int32  `json:"errCode"`
	ErrMsg     string `json:"errMsg"`
	ErrDlt     string `json:"errDlt"`
	NextCode   int32  `json:"nextCode"`
}

type member struct {
	UserID      *string `json:"userID"`
	Nickname    *string `json:"nickname"`
	FaceURL     *string `json:"faceURL"`
	RoleLevel   *int32  `json:"roleLevel"`
	MuteEndTime *int64  `json:"muteEndTime"`
	Ex          *string `json:"ex"`
}

type joinReply struct {
	five
	MemberCallbackList []*member `json:"memberCallbackList"`
}

func largeReply() []byte {
	var b strings.Builder
	b.WriteString(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"memberCallbackList":[`)
	for i := 0; b.Len() < 233_000; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"userID":"49301%05d","nickname":"Member %d","faceURL":"https://cdn.example.com/face/%d.png","roleLevel":20,"muteEndTime":0,"ex":""}`, i, i, i)
	}
	b.WriteString("]}")
	return []byte(b.String())
}

func BenchmarkJudge(b *testing.B) {
	for _, c := range []struct {
		name, key string
		body []byte
		into func() any
	}{
		{"small", "beforeSendSingleMsg", []byte(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0}`), func() any { return new(five) }},
		{"list", "beforeMemberJoinGroup", largeReply(), func() any { return new(joinReply) }},
	} {
		callback, _ := fixtures.Lookup(c.key)
		judge := NewJudge(callback, Options{Server: fixtures.V383})
		x := Exchange{Reply: Reply{Status: 200, Body: c.body, Headers: []Header{{"Content-Type", "application/json"}}}}
		b.Run(c.name+"/judge", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v := judge.Judge(&x)
				if len(v.Findings) > 0 { b.Fatal(v.Findings[0]) }
			}
		})
		b.Run(c.name+"/decode", func(b *testing.B) {
			b.ReportAllocs()
			var d decoded
			for b.Loop() {
				d = decoded{}
				d.decode(c.body, judge.table, callback.Reply.GoType)
			}
		})
		b.Run(c.name+"/encoding-json", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := json.Unmarshal(c.body, c.into()); err != nil { b.Fatal(err) }
			}
		})
	}
}
