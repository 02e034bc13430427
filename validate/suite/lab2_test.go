package suite
import ("testing";"fmt";"strings";"time")
func TestLab2(t *testing.T){
 for _,n:=range []int{10000,20000,40000}{ var b strings.Builder; for i:=range n {fmt.Fprintf(&b,"a%d: 1\n",i)}
 st:=time.Now(); parseYAML([]byte(b.String())); fmt.Println(n,time.Since(st))
 b.Reset(); for i:=range n {fmt.Fprintf(&b,"a%d:\n",i)}
 st=time.Now(); parseYAML([]byte(b.String())); fmt.Println("null",n,time.Since(st))
 }
}
