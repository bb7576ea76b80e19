# Logit error against bits, five ways to round, five nets with their 95 % intervals.
set terminal svg size 720,440 font "Helvetica,13" background rgb "white"
set output out
set datafile separator ","
data = csv."/bits.csv"
set title "What the logits lose when the weights are rounded"
set xlabel "bits of the weights, per channel; activations in float"
set xrange [4.3:1.7]
set xtics (4, 3, 2)
set ylabel "logit error, percent (95 % interval, five nets)"
set logscale y
set yrange [1:100]
set ytics (1, 2, 5, 10, 20, 50, 100)
set grid lc rgb "#dddddd"
set key left top Left reverse
plot data using ($1+0.04):6:7 skip 1 with yerrorlines lw 2 pt 9 ps 0.7 lc rgb "#CC79A7" title "least-error scales", \
     data using ($1+0.02):2:3 skip 1 with yerrorlines lw 2 pt 7 ps 0.7 lc rgb "#D55E00" title "nearest", \
     data using 1:4:5 skip 1 with yerrorlines lw 2 pt 5 ps 0.7 lc rgb "#E69F00" title "bias correction", \
     data using ($1-0.02):8:9 skip 1 with yerrorlines lw 2 pt 11 ps 0.7 lc rgb "#009E73" title "AdaRound", \
     data using ($1-0.04):10:11 skip 1 with yerrorlines lw 2 pt 13 ps 0.7 lc rgb "#0072B2" title "GPTQ"
