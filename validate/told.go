package validate

import "fmt"

// codedError is an error with a code, a message and a detail, as a refusing
// reply gives them.
type codedError struct {
	code     int32
	msg, dlt string
}

// text is the error as OpenIM prints it: code, message and, if any, detail.
func (e codedError) text() string {
	if e.dlt == "" {
		return fmt.Sprintf("%d %s", e.code, e.msg)
	}
	return fmt.Sprintf("%d %s %s", e.code, e.msg, e.dlt)
}

// positive is the code that reaches the client: 0 and less become 500.
func (e codedError) positive() int {
	if e.code <= 0 {
		return 500
	}
	return int(e.code)
}

func codeInDetail(e codedError) Client { return Client{e.positive(), e.msg, e.text()} }

func codeInBoth(e codedError) Client { return Client{e.positive(), e.text(), e.text()} }

func asReplied(e codedError) Client {
	c := Client{e.positive(), e.msg, e.dlt}
	if c.ErrMsg == "" {
		c.ErrMsg = e.text()
	}
	if c.ErrDlt == "" {
		c.ErrDlt = c.ErrMsg
	}
	return c
}

// firstOwnCode is the first code that main takes for OpenIM's; those below are
// gRPC's.
const firstOwnCode = 100

// throughGRPC is main's way: the code becomes a gRPC status, and the client's
// side takes gRPC's own codes for transport errors.
func throughGRPC(e codedError) Client {
	const internal, unavailable = 500, 14
	switch {
	case e.code == 0:
		return Client{} // status OK: the error is lost
	case e.code < 0:
		return Client{internal, "ServerInternalError", fmt.Sprintf(
			`rpc error: code = Unknown desc = transport: malformed grpc-status: strconv.ParseInt: parsing "%d": value out of range`, uint32(e.code))}
	case e.code == unavailable:
		return Client{internal, "grpc service HOST:PORT down, grpc message " + e.msg, ""}
	case e.code < firstOwnCode:
		return Client{internal, "ServerInternalError", fmt.Sprintf("rpc error: code = %s desc = %s", grpcCode(e.code), e.msg)}
	default:
		return Client{int(e.code), e.msg, e.dlt}
	}
}

// unchanged is the way of one process: nothing stands between the handler and
// the API.
func unchanged(e codedError) Client { return Client{int(e.code), e.msg, e.dlt} }

// grpcCodes are gRPC's own status codes by number.
var grpcCodes = [...]string{
	"OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied",
	"ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable",
	"DataLoss", "Unauthenticated",
}

func grpcCode(code int32) string {
	if int(code) < len(grpcCodes) {
		return grpcCodes[code]
	}
	return fmt.Sprintf("Code(%d)", code)
}

// networkError is why no whole reply came.
type networkError struct {
	url string
	// cause is what the HTTP client said, in the stage it was at.
	cause string
	stage stage
}

// stage is how far a request came that failed.
type stage int

const (
	building stage = iota // the URL can't be read
	sending               // no status line and headers came
	reading               // they had come
)

const codeNetwork, codeData = 90004, 90007

// failed names the stage, as 3.7 and later do.
func (e networkError) failed() string {
	return [...]string{
		building: "NewRequestWithContext failed, url=" + e.url + ", method=POST",
		sending:  "HTTP request failed",
		reading:  "failed to read response body",
	}[e.stage]
}

func plainNetworkError(e networkError) Client {
	return Client{codeNetwork, "NetworkError", e.cause + ": 90004 NetworkError"}
}

func stagedNetworkError(e networkError) Client {
	e.cause = [...]string{
		building: "Post: NewRequestWithContext failed", sending: "Post: client.Do failed", reading: "Post: ReadAll failed",
	}[e.stage] + ": " + e.cause
	return plainNetworkError(e)
}

func sentenceNetworkError(e networkError) Client {
	text := fmt.Sprintf("%s: %s, post url=%s: 90004 NetworkError", e.failed(), e.cause, e.url)
	return Client{codeNetwork, text, text}
}

// callStack is how the Go call stack begins that ends up in errDlt.
const callStack = " | -> httputil.(*HTTPClient).Post() …"

func stackNetworkError(e networkError) Client {
	return Client{codeNetwork, "NetworkError", "Error: " + e.failed() + callStack}
}

// namedNetworkError is causeNetworkError with the error's own name before it.
func namedNetworkError(e networkError) Client {
	c := causeNetworkError(e)
	c.ErrDlt = fmt.Sprintf("%d %s %s", c.ErrCode, c.ErrMsg, c.ErrDlt)
	return c
}

func causeNetworkError(e networkError) Client {
	return Client{codeNetwork, "NetworkError", "Error: " + e.cause + " " + e.failed() + callStack}
}
