// Command receiver is a small business server with known bugs, for the test of
// suites. Its address is its argument.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"strings"
)

const allow = `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0`

func main() {
	fmt.Println("receiver listens on", os.Args[1])
	if err := http.ListenAndServe(os.Args[1], http.HandlerFunc(answer)); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func answer(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var fields map[string]any
	_ = json.Unmarshal(body, &fields)
	text := func(name string) string { s, _ := fields[name].(string); return s }
	w.Header().Set("Content-Type", "application/json")
	switch path.Base(r.URL.Path) {
	case "callbackBeforeSendSingleMsgCommand":
		switch {
		case text("sendID") == "blocked":
			fmt.Fprint(w, `{"actionCode":0,"errCode":5001,"errMsg":"you are blocked","errDlt":"","nextCode":1}`)
		case strings.Contains(text("content"), "casino"): // bug 1: the refusal refuses nothing
			fmt.Fprint(w, `{"actionCode":1,"errCode":5002,"errMsg":"no advertising","errDlt":"","nextCode":1}`)
		default:
			fmt.Fprint(w, allow+"}")
		}
	case "callbackBeforeMsgModifyCommand":
		masked, _ := json.Marshal(strings.ReplaceAll(text("content"), "damn", "****"))
		fmt.Fprintf(w, "%s,\"content\":%s}", allow, masked)
	case "callbackBeforeSetGroupInfoCommand": // bug 2: the group's id is not repeated
		fmt.Fprint(w, allow+"}")
	case "callbackBeforeAddFriendCommand":
		fmt.Fprint(w, allow+"}")
	default:
		if strings.Contains(r.URL.Path, "After") {
			fmt.Fprint(w, allow+"}")
			return
		}
		w.WriteHeader(http.StatusNotFound) // bug 3: unknown callbacks get a page
		fmt.Fprint(w, "<html>not found</html>")
	}
}
