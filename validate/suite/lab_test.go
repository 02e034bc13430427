package suite
import ("testing";"fmt";"github.com/imcb-dev/imcb/fixtures")
func TestLab(t *testing.T){
 s:=uint64(7)
 for _,k:=range []string{"beforeSendSingleMsg","beforeMsgModify","afterSendSingleMsg","beforeOnlinePush","beforeOfflinePush","beforeSendGroupMsg","afterSendGroupMsg","beforeGroupOnlinePush","beforeCreateGroup","beforeMemberJoinGroup","afterCreateGroup","beforeAddFriend","afterAddFriend","beforeAddFriendAgree","afterAddFriendAgree","beforeApplyJoinGroup","afterJoinGroup","beforeUserRegister","afterUserRegister","beforeSetGroupInfo","afterSetGroupInfo","beforeSetGroupInfoEx","afterSetGroupInfoEx","afterRevokeMsg"} {
  c,_:=fixtures.Lookup(k); p,_:=c.Payload(fixtures.PayloadOptions{Server:fixtures.DefaultVersion,Seed:&s}); fmt.Printf("%s %s %s",k,p.OperationID,p.Body)
 }
}
