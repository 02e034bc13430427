package cmd

// nothingArrives is the way from a silent OpenIM to the reason.
const nothingArrives = `A webhook is on, and the receiver hears nothing, or its refusal refuses nothing.
Three questions find the reason; each has its command.

1. What does OpenIM read?

     imcb lint --api http://127.0.0.1:10002 --secret @secret.txt   what a running main has
     imcb lint compose.yaml                                        in Docker: file and environment
     imcb lint webhooks.yml                                        the file alone

   The callback must be in the list at the end, with a URL that leads to the receiver
   from where OpenIM runs; in a container, 127.0.0.1 is the container. What is wrong
   stands above the list. OpenIM reads its settings once: start it anew after each
   change.

2. Does it call, and whom?

     imcb trigger beforeSendSingleMsg --secret @secret.txt

   It does what fires the callback, and listens.
   - The callback comes: OpenIM is right. Go to 3.
   - errCode 90004: OpenIM calls, and whoever is at its url does not answer in time.
     errDlt names the URL (not on 3.8.3).
   - errCode 90007: the receiver answers what OpenIM can't read. Go to 3.
   - Nothing, and errCode 0: the steps name the reasons, ✓ looked at, ✗ it is this,
     ? look yourself.
   Where the API can't be reached from here, imcb serve listens while you use your
   IM client.

3. What does the receiver reply, and what does OpenIM make of it?

     imcb validate --url http://127.0.0.1:8080/callback            without OpenIM
     imcb trigger --all --forward http://127.0.0.1:8080/callback   with OpenIM, both sides

What happened in the past, OpenIM's log says, at LOG_LEVEL 4 or more:

     docker logs openim-server 2>&1 | imcb validate --from -

What does not come, whatever is switched on:

   afterUserKickOff, afterGroupMsgRevoke   no version sends them
   beforeSendSingleMsg, beforeSendGroupMsg of administrators and of most notifications
   beforeOfflinePush                       while the receiver is online on iOS or Android
   afterSendSingleMsg, afterSendGroupMsg   where attentionIds does not have the receiver;
                                           on main any attentionIds silences the second
   messages whose type deniedTypes has
   after callbacks                         that find a full queue: 2 at a time, 100 wait`
