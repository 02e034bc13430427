package webhooks_test
import ("testing";"math/rand";"os";"time";"fmt";"path/filepath"
"github.com/imcb-dev/imcb/fixtures"
"github.com/imcb-dev/imcb/validate/webhooks")
func TestSlow(t *testing.T){
 files,_ := filepath.Glob(testFiles+"/*.yml")
 r := rand.New(rand.NewSource(1))
 for i:=0;i<400;i++ {
  b,_ := os.ReadFile(files[r.Intn(len(files))])
  b = append([]byte{}, b...)
  for k:=0;k<1+r.Intn(4);k++ { switch r.Intn(3) { case 0: b[r.Intn(len(b))]=byte(r.Intn(256)); case 1: x:=r.Intn(len(b)); b=append(b[:x],b[min(len(b),x+r.Intn(20)):]...); case 2: x:=r.Intn(len(b)); y:=min(len(b),x+r.Intn(300)); b=append(append(append([]byte{},b[:y]...),b[x:y]...),b[y:]...)} ; if len(b)==0 {b=[]byte("a")} }
  t0:=time.Now(); done := make(chan bool); go func(){ f,err := webhooks.Parse("w",b); p:=time.Since(t0); if err==nil { from:=fixtures.V35; for _,v := range fixtures.Versions(){ f.Lint(webhooks.LintOptions{Server:v,From:&from}); f.Env(v)} }; if d:=time.Since(t0); d>100*time.Millisecond { fmt.Println(i,"parse",p,"all",d,len(b)) }; close(done)}()
  select { case <-done: case <-time.After(5*time.Second): os.WriteFile(fmt.Sprintf("/tmp/slow%d.yml",i), b, 0o644); t.Fatal("slow", i) }
 }
}
