package suite
import ("testing";"fmt";"strings";"time";"os")
func TestLab(t *testing.T){
 units:=[]string{"&a ","&a\n","!a ","!a\n","? ","?\n","-\n","- ","a: ","a:\n","[","{","[]","{a: ","*a\n","|\n",">\n","'","\"","#\n","#","---\n","...\n","a: 1\n","- a\n","%\n","\t"," \n","\n","a\n","<<: ","[\n","]","}",",","? - ","- ? ","!a &a ","&a !b\n", "- &a\n", "\\", "\"\\\n", "a: |\n b\n", "a: &x\n","a: b\n c\n","- - a\n","x: {\n", "\r","é","\u2028"}
 u:=os.Getenv("UNIT")
 for i,s:=range units { if u!="" && u!=fmt.Sprint(i) {continue}
  for _,pre:=range []string{"","cases:\n  "} {
  text:=pre+strings.Repeat(s,(1<<20)/len(s)); st:=time.Now()
  _,err:=Parse("x",[]byte(text),nil); d:=time.Since(st)
  m:="<nil>"; if err!=nil {m=err.Error()}
  if d>1500*time.Millisecond { fmt.Printf("%d %q %v %.80q\n",i,s,d,m)}
 }}
}
