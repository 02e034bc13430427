// Package composetest compares what imcb reads of Compose projects with Compose's
// own loader.
package composetest
