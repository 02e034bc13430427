package validate

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func tableOf(t testing.TB, key string) []fieldSpec {
	t.Helper()
	callback, err := fixtures.Lookup(key)
	require.NoError(t, err)
	return compileFields(callback, fixtures.V383, true)
}

func decodeReply(t testing.TB, key, body string) (d decoded, table []fieldSpec) {
	t.Helper()
	table = tableOf(t, key)
	d.decode([]byte(body), table)
	return d, table
}

// TestDecodeCommonFields reads the five fields as Go's decoder does.
func TestDecodeCommonFields(t *testing.T) {
	tests := []struct {
		body  string
		codes [commonFields]int32 // actionCode, errCode and, last, nextCode
		texts [commonFields]string
	}{
		{body: `null`},
		{body: ` { } `},
		{body: `{"actionCode":1,"errCode":-5001,"nextCode":2147483647}`, codes: [...]int32{1, -5001, 0, 0, 2147483647}},
		{body: `{"NEXTCODE":1,"ERRCODE":2}`, codes: [...]int32{0, 2, 0, 0, 1}},
		{body: `{"nextCode":1,"nextcode":2}`, codes: [...]int32{0, 0, 0, 0, 2}},
		{body: `{"nextCode":1,"nextCode":null}`, codes: [...]int32{0, 0, 0, 0, 1}},
		{body: `{"next\u0043ode":1,"errM\u017fg":"x"}`, codes: [...]int32{0, 0, 0, 0, 1}, texts: [...]string{errMsg: "x", errDlt: "", 4: ""}},
		{body: `{"errMsg":"a\"\u00e9\n","errDlt":"é"}`, texts: [...]string{errMsg: "a\"é\n", errDlt: "é", 4: ""}},
		{body: "{\"errMsg\":\"\xff\",\"errDlt\":\"\\ud800\"}", texts: [...]string{errMsg: "\ufffd", errDlt: "\ufffd", 4: ""}},
		{body: `{"errCode":-0,"nextCode":null}`},
		{body: `{"data":{"nextCode":1},"next_code":1}`},
	}
	for _, test := range tests {
		d, _ := decodeReply(t, "beforeAddFriend", test.body)
		assert.Equal(t, test.codes, d.codes, test.body)
		assert.Equal(t, test.texts, d.texts, test.body)
		assert.Nil(t, d.mismatch, test.body)
	}
}

// TestDecodeMismatch: the texts are proven against OpenIM's own types in the
// module conformance; here it is which value is blamed.
func TestDecodeMismatch(t *testing.T) {
	tests := []struct {
		key, body string
		pointer   string
		want      fixtures.Type
		overflow  bool
		text      string
	}{
		{"beforeAddFriend", `[]`, "", fixtures.Object, false, "json: cannot unmarshal array into Go value of type callbackstruct.CallbackBeforeAddFriendResp"},
		{
			"beforeAddFriend", `{"errMsg":"","nextCode":"0","errCode":true}`, "/nextCode", fixtures.Int32, false,
			"json: cannot unmarshal string into Go struct field CallbackBeforeAddFriendResp.CommonCallbackResp.nextCode of type int32",
		},
		{
			"beforeAddFriend", `{"errCode":2147483648}`, "/errCode", fixtures.Int32, true,
			"json: cannot unmarshal number 2147483648 into Go struct field CallbackBeforeAddFriendResp.CommonCallbackResp.errCode of type int32",
		},
		{
			"beforeMemberJoinGroup", `{"memberCallbackList":[{},null,{"x":0,"ROLELEVEL":"20"},1]}`, "/memberCallbackList/2/roleLevel", fixtures.Int32, false,
			"json: cannot unmarshal string into Go struct field MemberJoinGroupCallBack.memberCallbackList.roleLevel of type int32",
		},
		{
			"beforeMemberJoinGroup", `{"memberCallbackList":[[]]}`, "/memberCallbackList/0", fixtures.Object, false,
			"json: cannot unmarshal array into Go struct field CallbackBeforeMembersJoinGroupResp.memberCallbackList of type callbackstruct.MemberJoinGroupCallBack",
		},
		{
			"beforeMsgModify", `{"options":{"a":true,"b/c~d":0}}`, "/options/b~1c~0d", fixtures.Bool, false,
			"json: cannot unmarshal number into Go struct field CallbackMsgModifyCommandResp.options of type bool",
		},
		{"beforeMsgModify", `{"msgDataList":"!"}`, "/msgDataList", fixtures.Bytes, false, "illegal base64 data at input byte 0"},
		{
			"beforeMsgModify", `{"msgDataList":[1,256]}`, "/msgDataList/1", fixtures.Bytes, false,
			"json: cannot unmarshal number 256 into Go struct field CallbackMsgModifyCommandResp.msgDataList of type uint8",
		},
		{"beforeSetGroupInfoEx", `{"nextCode":"0","needVerification":"1","groupName":1}`, "/needVerification", fixtures.Int32, false, `strconv.ParseInt: parsing "\"1\"": invalid syntax`},
	}
	for _, test := range tests {
		d, _ := decodeReply(t, test.key, test.body)
		require.NotNil(t, d.mismatch, test.body)
		d.mismatch.value = d.root // not what this is about
		assert.Equal(t, &mismatch{test.pointer, d.root, test.want, test.overflow, test.text}, d.mismatch, test.body)
	}
}

// TestDecodeOwnFields: a value that comes twice adds to the first, and one of
// a wrong type leaves a mark (which counts where 3.5 goes on after it).
func TestDecodeOwnFields(t *testing.T) {
	tests := []struct{ key, body, field, want string }{
		{"beforeMsgModify", `{"content":"a","CONTENT":"b"}`, "content", `"b"`},
		{"beforeMsgModify", `{"content":"a","content":null}`, "content", ""},
		{"beforeSetFriendRemark", `{"remark":"a","remark":null}`, "remark", `"a"`},
		{"beforeMsgModify", `{"options":{"a":true},"options":{"b":false}}`, "options", `{"a":true,"b":false}`},
		{"beforeMsgModify", `{"atUserIDList":["a","b"],"atUserIDList":[null]}`, "atUserIDList", `["a"]`},
		{"beforeMsgModify", `{"atUserIDList":["a","b"],"atUserIDList":null,"atUserIDList":[null]}`, "atUserIDList", `[""]`},
		{"beforeMsgModify", `{"msgDataList":"AQID","msgDataList":[null,255]}`, "msgDataList", `"Af8="`},
		{
			"beforeMemberJoinGroup", `{"memberCallbackList":[{"userID":"a"}],"memberCallbackList":[{"roleLevel":20}]}`, "memberCallbackList",
			`[{"userID":"a","nickname":null,"faceURL":null,"roleLevel":20,"muteEndTime":null,"ex":null}]`,
		},
		{
			"beforeUserRegister", `{"users":[{"userID":"a"}],"users":[{"USERID":null,"createTime":1}]}`, "users",
			`[{"userID":"a","nickname":"","faceURL":"","ex":"","createTime":1,"appMangerLevel":0,"globalRecvMsgOpt":0}]`,
		},
		{"beforeSetGroupMemberInfo", `{"nickName":5,"roleLevel":1}`, "nickName", `""`},
		{"beforeSetGroupMemberInfo", `{"nickName":5,"roleLevel":1}`, "roleLevel", `1`},
		{"beforeSetGroupInfoEx", `{"groupName":"a","ex":{},"groupName":"b"}`, "groupName", `"a"`},
		{"beforeSetGroupInfoEx", `{"ex":"a","ex":5,"ex":"b"}`, "ex", `"a"`},
		{"beforeUserRegister", `{"users":[{"userID":5,"ex":"x"}]}`, "users", `[{"userID":"","nickname":"","faceURL":"","ex":"x","createTime":0,"appMangerLevel":0,"globalRecvMsgOpt":0}]`},
	}
	for _, test := range tests {
		d, table := decodeReply(t, test.key, test.body)
		field, exact := findField(test.field, table)
		require.True(t, exact)
		got := ""
		if d.has(field) {
			got = d.value(field).Raw
		}
		assert.Equal(t, test.want, got, test.body)
	}
}

func TestDecodeStrangeMembers(t *testing.T) {
	d, _ := decodeReply(t, "beforeAddFriend", `{"NextCode":0,"next_code":1,"errMsg":"x","ERRMSG":"\ud800","a\u0062":[1]}`)
	assert.Equal(t, "\ufffd", d.texts[errMsg])
	assert.Equal(t, uint64(1<<errMsg), d.repeated)
	var names []string
	for _, m := range d.strange {
		names = append(names, fmt.Sprint(m.name, " ", m.value.Raw, " ", m.field))
	}
	assert.Equal(t, []string{"NextCode 0 4", "next_code 1 -1", `ERRMSG "\ud800" 2`, "ab [1] -1"}, names)
}

// TestDecodePlainAllow: the commonest reply is not copied.
func TestDecodePlainAllow(t *testing.T) {
	table := tableOf(t, "beforeAddFriend")
	body := []byte(" " + fixtures.PlainAllow + "\n")
	var d decoded
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		d = decoded{}
		d.decode(body, table)
	}))
	assert.Equal(t, fixtures.PlainAllow, d.root.Raw)
}

// TestDecodeKeepsNothing: the caller may use the body's memory again.
func TestDecodeKeepsNothing(t *testing.T) {
	body := []byte(`{"errMsg":"text","remark":"mine","other":[1]}`)
	var d decoded
	d.decode(body, tableOf(t, "beforeSetFriendRemark"))
	clear(body)
	assert.Equal(t, "text", d.texts[errMsg])
	assert.Equal(t, "mine", d.value(commonFields).Str)
	assert.Equal(t, "[1]", d.strange[0].value.Raw)
	assert.Equal(t, `{"errMsg":"text","remark":"mine","other":[1]}`, d.root.Raw)
}

// invalid has the faults that a JSON text can have.
var invalid = []string{
	"", " ", "\x00", "{", "}", "[", "]", `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{"a":1 "b":2}`, `{"a" 1}`, `{1:2}`, `{null:1}`, `[1,]`, `[,1]`, `[1 2]`, `[}`, `{]`, `[1}`, `{"a":1]`,
	"nul", "nulll", "tru", "True", "NaN", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "1.e1", "0x1", "1_0", `"`, `"a`, `"\`, `"\"`, `"\x"`, `"\u12"`, `"\u12g4"`, "\"\n\"", "\"\x1f\"", "'a'",
	"{} {}", "{}x", "1 2", "\xef\xbb\xbf{}", "{}\x00", "\u00a0{}", "\v{}", "{\"a\":\"\x00\"}", "//\n{}", `{"a":1}}`,
}

var valid = []string{
	"null", "true", "false", "0", "-0", "-12.5e-10", "1E+2", `""`, `"\"\\\/\b\f\n\r\t\u00Ff"`, "\"\x7f\xff\"", " \t\r\n{ \"a\" : [ 1 , { } , [ ] , \"\" ] } \n", `{"":{"":null}}`, `[[],[{}]]`, `"\ud800"`,
}

func TestSyntaxError(t *testing.T) {
	for _, body := range invalid {
		var nothing any
		assert.Equal(t, json.Unmarshal([]byte(body), &nothing), syntaxError([]byte(body)), "%q", body)
		assert.Error(t, syntaxError([]byte(body)), "%q", body)
	}
	for _, body := range valid {
		assert.NoError(t, syntaxError([]byte(body)), "%q", body)
	}
}

func TestDeepNesting(t *testing.T) {
	const maxDepth = 10000 // encoding/json's
	for _, n := range []int{maxDepth - 1, maxDepth, maxDepth + 1, 100_000} {
		lists := []byte(strings.Repeat("[", n) + strings.Repeat("]", n))
		objects := []byte(strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n))
		for _, body := range [][]byte{lists, objects} {
			assert.Equal(t, json.Valid(body), syntaxError(body) == nil, "%d levels", n)
		}
	}
	assert.EqualError(t, syntaxError([]byte(strings.Repeat("[", 50_000_000))), "invalid character '[' exceeded max depth")
}

// FuzzDecodeAgrees: the reader takes for JSON what encoding/json does, and for
// a fitting reply what encoding/json can put into such a struct.
func FuzzDecodeAgrees(f *testing.F) {
	for _, body := range append(invalid, valid...) {
		f.Add([]byte(body))
	}
	for _, body := range []string{
		fixtures.PlainAllow, `{"nextCode":"1","errCode":2147483648}`, `{"NEXTCODE":1.0,"actionCode":null,"x":[{}]}`,
		`{"memberCallbackList":[{"userID":"a","roleLevel":20},null],"MEMBERcallbackLIST":[{}]}`,
		`{"options":{"a":true},"msgDataList":"AQID","offlinePushInfo":{"title":"t","iOSBadgeCount":1},"atUserIDList":["a",null],"options":null}`,
		"{\"errM\u017fg\":\"\\ud800\xff\"}",
	} {
		f.Add([]byte(body))
	}
	tables := [][]fieldSpec{tableOf(f, "beforeMsgModify"), tableOf(f, "beforeMemberJoinGroup"), tableOf(f, "beforeSetGroupInfoEx")}
	f.Fuzz(func(t *testing.T, body []byte) {
		if valid := json.Valid(body); valid != (syntaxError(body) == nil) {
			t.Fatalf("json.Valid: %t, syntaxError: %v", valid, syntaxError(body))
		}
		for _, table := range tables {
			var d decoded
			d.decode(body, table)
			err := json.Unmarshal(body, structFor(table))
			var syntax *json.SyntaxError
			if errors.As(err, &syntax) != (d.syntax != nil) || (err != nil) != (d.syntax != nil || d.mismatch != nil) {
				t.Fatalf("json.Unmarshal: %v, decode: %v, %+v", err, d.syntax, d.mismatch)
			}
		}
	})
}

// structFor is a pointer to a struct like that of the reply.
func structFor(table []fieldSpec) any {
	fields := make([]reflect.StructField, len(table))
	for i := range table {
		fields[i] = table[i].goStructField(i, table[i].Nullable)
	}
	return reflect.New(reflect.StructOf(fields)).Interface()
}

// BenchmarkDecode holds reading a reply against what OpenIM does.
func BenchmarkDecode(b *testing.B) {
	for _, reply := range []struct{ name, key, body string }{
		{"allow", "beforeSendSingleMsg", fixtures.PlainAllow},
		{"refuse", "beforeSendSingleMsg", `{"actionCode":0,"errCode":5001,"errMsg":"not today","errDlt":"quiet hours","nextCode":1}`},
		{"list", "beforeMemberJoinGroup", memberReply()},
	} {
		table, body := tableOf(b, reply.key), []byte(reply.body)
		b.Run(reply.name+"/decode", func(b *testing.B) {
			b.ReportAllocs()
			var d decoded
			for b.Loop() {
				d = decoded{}
				d.decode(body, table)
			}
		})
		target := structFor(table)
		b.Run(reply.name+"/encoding-json", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				reflect.ValueOf(target).Elem().SetZero()
				if err := json.Unmarshal(body, target); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// memberReply is a reply of about 233 KB.
func memberReply() string {
	members := make([]string, 1700)
	for i := range members {
		members[i] = fmt.Sprintf(`{"userID":"49301%05d","nickname":"Member %d","faceURL":"https://cdn.example.com/face/%d.png","roleLevel":20,"muteEndTime":0,"ex":""}`, i, i, i)
	}
	return strings.TrimSuffix(fixtures.PlainAllow, "}") + `,"memberCallbackList":[` + strings.Join(members, ",") + "]}"
}

// TestDeepRequestAndContent: what a stranger or a receiver nests deeply is no
// danger to the program.
func TestDeepRequestAndContent(t *testing.T) {
	deep := strings.Repeat("[", 9_000_000)
	callback, err := fixtures.Lookup("beforeMsgModify")
	require.NoError(t, err)
	v := NewJudge(callback, Options{}).Judge(&Exchange{
		Request: Request{Body: []byte(deep)},
		Reply:   Reply{Status: 200, Body: []byte(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"content":"` + deep + `"}`)},
	})
	require.Len(t, v.Findings, 1)
	assert.Equal(t, "content-not-object", v.Findings[0].Rule)
}
